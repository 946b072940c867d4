package app_test

import "testing"

// TestTagsOfTheRestricted is that somebody whom one restricts, or does not want to hear of, puts one into no picture unasked.
func TestTagsOfTheRestricted(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, ben, cat, dan := s.user("ann", false), s.user("ben", false), s.user("cat", false), s.user("dan", false)
		asAnn, asBen, asCat, asDan := s.session(ann), s.session(ben), s.session(cat), s.session(dan)
		s.does(asBen, ann, "restrict")
		s.does(asCat, ann, "mute", "activity")
		s.does(asDan, ann, "mute") // only in the feed
		m, _ := s.withPeople(201, asAnn, 1, tagIn(ben, 0, 0.25, 0.75), tagIn(cat, 0, 0.5, 0.5), tagIn(dan, 0, 0.1, 0.1))
		s.settle()
		want(t, "shown", s.inPhoto(nobody, m), "dan")
		for name, c := range map[string]credential{"ben": asBen, "cat": asCat} {
			want(t, "what "+name+" is asked", s.tagged(c, "/v1/users/self/media/tag-requests"), m.ID)
		}
		want(t, "what dan is asked", s.tagged(asDan, "/v1/users/self/media/tag-requests"))
		s.want(200, asBen, "PUT", "/v1/media/"+m.ID+"/people/self", nil)
		want(t, "after ben agreed", s.inPhoto(nobody, m), "ben", "dan")
	})
}

// TestTagsOfTheNarrowed is that a post that becomes one for close friends names nobody to them who does not see it.
func TestTagsOfTheNarrowed(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, ben, cat, dan := s.user("ann", false), s.user("ben", false), s.user("cat", false), s.user("dan", false)
		asAnn, asBen, asCat := s.session(ann), s.session(ben), s.session(cat)
		s.want(200, s.session(dan), "PATCH", "/v1/users/self/choices", map[string]any{"approve_tags": true})
		s.want(200, asAnn, "PUT", "/v1/users/self/close-friends/"+ben.ID.String(), nil)
		m, _ := s.withPeople(201, asAnn, 1, tagIn(ben, 0, 0.25, 0.75), tagIn(cat, 0, 0.5, 0.5), tagIn(dan, 0, 0.1, 0.1), tagIn(ann, 0, 0.9, 0.9))
		s.settle()
		want(t, "shown", s.inPhoto(nobody, m), "ben", "cat", "ann")
		benTagged, catTagged := "/v1/users/"+ben.ID.String()+"/media/tagged", "/v1/users/"+cat.ID.String()+"/media/tagged"

		// Archived, it is on nobody's page; brought back, it is as it was.
		s.want(200, asAnn, "PUT", "/v1/media/"+m.ID+"/archive", nil)
		for _, c := range []credential{nobody, asBen, asCat} {
			want(t, "archived, cat's photos", s.tagged(c, catTagged))
		}
		s.want(200, asAnn, "DELETE", "/v1/media/"+m.ID+"/archive", nil)
		want(t, "brought back", s.inPhoto(nobody, m), "ben", "cat", "ann")

		s.want(200, asAnn, "PATCH", "/v1/media/"+m.ID, map[string]any{"audience": "friends"})
		want(t, "for friends", s.inPhoto(asBen, m), "ben", "ann")
		var people []inPhoto
		s.want(200, asAnn, "GET", "/v1/media/"+m.ID+"/people", nil).into(t, &people)
		want(t, "to its owner", usernames(people), "ben", "ann")
		s.settle()
		want(t, "cat's photos, to a friend", s.tagged(asBen, catTagged))
		want(t, "what cat hears", s.activityKinds(asCat))
		want(t, "what dan hears", s.activityKinds(s.session(dan)))
		want(t, "ben's photos", s.tagged(asAnn, benTagged), m.ID)

		// For everyone again: they are not back by themselves, but may be tagged again.
		s.want(200, asAnn, "PATCH", "/v1/media/"+m.ID, map[string]any{"audience": "everyone"})
		want(t, "for everyone", s.inPhoto(nobody, m), "ben", "ann")
		s.want(200, asAnn, "PATCH", "/v1/media/"+m.ID, map[string]any{"users_in_photo": []any{tagIn(cat, 0, 0.1, 0.1)}})
		want(t, "tagged again", s.inPhoto(nobody, m), "cat")
		s.settle()

		// One edit that names somebody and narrows the post does not get past it.
		s.want(200, asAnn, "PATCH", "/v1/media/"+m.ID, map[string]any{"users_in_photo": []any{tagIn(cat, 0, 0.1, 0.1), tagIn(ben, 0, 0.1, 0.1)}, "audience": "friends"})
		want(t, "tagged and narrowed at once", s.inPhoto(asBen, m), "ben")
	})
}
