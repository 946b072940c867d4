package app

import (
	"context"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/mydata"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// listPage is how many entries of a list are read at a time.
const listPage = 500

// each is mydata.List.Each.
type each = func(ctx context.Context, user tintype.ID, yield func(any) error) error

// exportLists is what goes into an export besides posts: what the rules show the user of it. A test holds it against the tables.
func (a *App) exportLists(store sqlstore.Exports) []mydata.List {
	return slices.Concat([]mydata.List{
		{Name: archive.ProfileFile, One: true, Each: a.exportProfile},
		{Name: "settings.json", One: true, Each: a.exportSettings},
	}, a.exportThings(store), a.exportPeople(store), a.exportDoors(store))
}

func (a *App) exportProfile(ctx context.Context, user tintype.ID, yield func(any) error) error {
	u, err := a.self(ctx, user)
	if err != nil {
		return err
	}
	p, err := a.Account.Private(ctx, user)
	if err != nil {
		return err
	}
	mail, err := a.Account.EmailOf(ctx, user)
	if err != nil {
		return err
	}
	return yield(map[string]any{"id": u.ID, "username": u.Username, "full_name": u.FullName, "bio": u.Bio, "website": u.Website, "email": p.Email, "email_verified": p.EmailVerified, "email_pending": mail.Pending,
		"language": p.Locale, "admin": p.Admin, "moderator": p.Moderator, "joined": u.ID.Time(),
		"posts": u.Counts.Media, "posts_for_close_friends": u.Counts.FriendMedia, "follows": u.Counts.Follows, "followers": u.Counts.FollowedBy})
}

func (a *App) exportSettings(ctx context.Context, user tintype.ID, yield func(any) error) error {
	u, err := a.self(ctx, user)
	if err != nil {
		return err
	}
	f, err := a.Account.TwoFactor(ctx, user)
	if err != nil {
		return err
	}
	words, err := a.Safety.HiddenWords(ctx, user)
	if err != nil {
		return err
	}
	if words.Words == nil {
		words.Words = []string{}
	}
	c, err := a.Activity.Choices(ctx, user)
	if err != nil {
		return err
	}
	commenters := u.Commenters
	if commenters == tintype.CommentersUnset {
		commenters = tintype.CommentersEveryone
	}
	return yield(map[string]any{"private": u.Private, "photo_map": u.ShowsMap, "hides_likes": u.HidesLikes, "two_factor": f.Enabled, "commenters": commenters.String(),
		"hidden_words": words.Words, "cover_feed": words.Covers, "tags_from": circle(c.TagFrom), "approve_tags": c.TagByHand, "mentions_from": circle(c.MentionFrom), "show_activity": !c.HidesDeeds,
		"notify": map[string]string{"likes": circle(c.Likes), "comments": circle(c.Comments), "follows": circle(c.Follows), "mentions": circle(c.Mentions), "tags": circle(c.Tags)}})
}

// circle names a circle of people as the API does.
func circle(w tintype.Who) string {
	return [...]string{tintype.Everyone: "everyone", tintype.Followed: "following", tintype.Nobody: "nobody"}[w]
}

// exportThings is posts and comments that the user did something with.
func (a *App) exportThings(store sqlstore.Exports) []mydata.List {
	return []mydata.List{
		{Name: "comments.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			return a.commentsOf(ctx, store, user, yield)
		}},
		{Name: "held_comments.json", Each: a.exportHeld},
		{Name: "likes.json", Each: a.exportLikes},
		{Name: "saved.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			return a.kept(ctx, user, func(ctx context.Context, page tintype.Page) (posts, ops []tintype.ID, err error) {
				return sqlstore.Saved{R: store.R}.SavedPosts(ctx, user, page)
			}, func(m archive.Mention) error { return yield(m) })
		}},
		{Name: archive.CollectionsFile, Each: a.exportCollections},
		{Name: archive.AlbumsFile, Each: a.exportAlbums},
		{Name: "secret_links.json", Each: a.exportLinks},
		{Name: "tagged.json", Each: a.exportTagged},
		{Name: "followed_tags.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			names, err := sqlstore.Tags{R: store.R}.FollowedTags(ctx, user)
			return yieldAll(names, yield, err)
		}},
		{Name: "reports.json", Each: a.exportReports},
		{Name: "notices.json", Each: a.exportNotices},
	}
}

// yieldAll yields a list that was read, unless that failed.
func yieldAll[T any](list []T, yield func(any) error, err error) error {
	return yieldEach(list, yield, err, func(v T) any { return v })
}

// yieldEach yields what is to be said of each of a list that was read, unless that failed.
func yieldEach[T any](list []T, yield func(any) error, err error, say func(T) any) error {
	for _, v := range list {
		if err == nil {
			err = yield(say(v))
		}
	}
	return err
}

// eachPage reads a list page by page; read gives page.Max of the next one, 0 at the end.
func eachPage(read func(page tintype.Page) (tintype.ID, error)) error {
	for page := (tintype.Page{Count: listPage}); ; {
		next, err := read(page)
		if page.Max = next; err != nil || next == 0 {
			return err
		}
	}
}

// pairs lists posts, page by page, each with the ID of the deed by which the list is in order.
type pairs = func(ctx context.Context, page tintype.Page) (posts, ops []tintype.ID, err error)

// kept lists posts by what names them, in the order of the list.
func (a *App) kept(ctx context.Context, user tintype.ID, read pairs, yield func(archive.Mention) error) error {
	return eachPage(func(page tintype.Page) (next tintype.ID, err error) {
		ids, ops, err := read(ctx, page)
		if err != nil {
			return 0, err
		}
		if len(ids) == page.Count {
			next = ops[len(ops)-1]
		}
		named, err := a.mention(ctx, user, ids)
		for _, m := range named {
			if err == nil {
				err = yield(m)
			}
		}
		return next, err
	})
}

// mention says which posts are meant, in the order of ids: of those that user may not see (any more), that they are gone.
func (a *App) mention(ctx context.Context, user tintype.ID, ids []tintype.ID) ([]archive.Mention, error) {
	seen, err := a.Post.Visible(ctx, user, ids)
	if err != nil {
		return nil, err
	}
	// The user's own archived ones are in no list of the rule's.
	all, err := a.posts().Posts(ctx, ids)
	if err != nil {
		return nil, err
	}
	owner := map[tintype.ID]tintype.ID{}
	var owners []tintype.ID
	for _, p := range slices.Concat(seen, slices.DeleteFunc(all, func(p *tintype.Post) bool { return p.UserID != user })) {
		owner[p.ID] = p.UserID
		owners = append(owners, p.UserID)
	}
	names, err := a.namesFor(ctx, user, owners)
	out := make([]archive.Mention, len(ids))
	for i, id := range ids {
		out[i] = archive.Mention{Post: id.String(), Shortcode: id.Shortcode(), Created: id.Time(), By: names[owner[id]], Gone: owner[id] == 0}
	}
	return out, err
}

// posts is the store of posts, for what exports and imports ask of it.
func (a *App) posts() sqlstore.Posts { return sqlstore.Posts{R: a.Backend.Router, Clock: a.cfg.Clock} }

// namesFor gives the usernames of those of others whom user may know of.
func (a *App) namesFor(ctx context.Context, user tintype.ID, others []tintype.ID) (map[tintype.ID]string, error) {
	hidden, err := a.Graph.Hidden(ctx, user)
	if err != nil {
		return nil, err
	}
	users, err := a.Graph.Users(ctx, others)
	names := map[tintype.ID]string{}
	for _, u := range users {
		if u == nil || u.State != tintype.UserActive {
			continue
		}
		if _, hide := slices.BinarySearch(hidden, u.ID); !hide {
			names[u.ID] = u.Username
		}
	}
	return names, err
}

// commentsOf gives the comments that a user made, those too that wait for the owner of a post: their author does not
// learn that they do. Of posts that the user may not see (any more) it says nothing but that.
func (a *App) commentsOf(ctx context.Context, store sqlstore.Exports, user tintype.ID, yield func(any) error) error {
	held := sqlstore.Comments(store)
	return eachPage(func(page tintype.Page) (tintype.ID, error) {
		list, err := store.CommentsOf(ctx, user, page)
		if err != nil || len(list) == 0 {
			return 0, err
		}
		posts, ids := make([]tintype.ID, len(list)), make([]tintype.ID, len(list))
		for i, c := range list {
			posts[i], ids[i] = c.PostID, c.ID
		}
		texts, err := a.Post.CommentTexts(ctx, posts, ids)
		if err != nil {
			return 0, err
		}
		waiting, err := held.HeldOf(ctx, user, posts)
		if err != nil {
			return 0, err
		}
		for _, c := range waiting {
			if at := slices.Index(ids, c.ID); at >= 0 {
				texts[at] = c.Text
			}
		}
		named, err := a.mention(ctx, user, posts)
		if err != nil {
			return 0, err
		}
		for i, c := range list {
			if strings.TrimSpace(texts[i]) == "" {
				continue // the post was deleted, and the comment with it
			}
			on := &named[i]
			if on.Gone {
				on = nil
			}
			if err := yield(map[string]any{"text": texts[i], "created": c.ID.Time(), "on": on}); err != nil {
				return 0, err
			}
		}
		if len(list) < page.Count {
			return 0, nil
		}
		return list[len(list)-1].ID, nil
	})
}

// exportLikes gives the posts that the user likes and may see.
func (a *App) exportLikes(ctx context.Context, user tintype.ID, yield func(any) error) error {
	return eachPage(func(page tintype.Page) (tintype.ID, error) {
		posts, next, err := a.Post.LikedPosts(ctx, user, page)
		if err != nil {
			return 0, err
		}
		named, err := a.mention(ctx, user, postIDs(posts))
		return next, yieldAll(named, yield, err)
	})
}

func postIDs(posts []*tintype.Post) []tintype.ID {
	ids := make([]tintype.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	return ids
}

// exportHeld gives comments of others that wait for the user to show or delete them.
func (a *App) exportHeld(ctx context.Context, user tintype.ID, yield func(any) error) error {
	return eachPage(func(page tintype.Page) (tintype.ID, error) {
		list, next, err := a.Post.Held(ctx, user, 0, page)
		if err != nil {
			return 0, err
		}
		authors := make([]tintype.ID, len(list))
		for i, c := range list {
			authors[i] = c.UserID
		}
		names, err := a.namesFor(ctx, user, authors)
		return next, yieldEach(list, yield, err, func(c tintype.Comment) any {
			why := "restricted"
			if c.Held == tintype.HeldWords {
				why = "hidden_words"
			}
			return map[string]any{"post": c.PostID, "by": names[c.UserID], "text": c.Text, "created": c.ID.Time(), "why": why}
		})
	})
}

func (a *App) exportCollections(ctx context.Context, user tintype.ID, yield func(any) error) error {
	list, err := a.Saved.Collections(ctx, user)
	if err != nil {
		return err
	}
	for _, c := range list {
		out := archive.Collection{ID: c.ID.String(), Name: c.Name, Created: c.ID.Time(), Cover: cover(c.Cover), Posts: []archive.Mention{}}
		if err := a.kept(ctx, user, func(ctx context.Context, page tintype.Page) (posts, ops []tintype.ID, err error) {
			return sqlstore.Saved{R: a.Backend.Router}.CollectionPosts(ctx, user, c.ID, page)
		}, func(m archive.Mention) error {
			out.Posts = append(out.Posts, m)
			return nil
		}); err != nil {
			return err
		}
		if err := yield(out); err != nil {
			return err
		}
	}
	return nil
}

// cover is a cover as archives name it.
func cover(id tintype.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

func (a *App) exportAlbums(ctx context.Context, user tintype.ID, yield func(any) error) error {
	list, err := a.Albums.Of(ctx, user, user)
	if err != nil {
		return err
	}
	for _, al := range list {
		out := archive.Album{ID: al.ID.String(), Title: al.Title, Description: al.Description, Private: al.Private, Created: al.ID.Time(), Cover: cover(al.Cover), Posts: []string{}}
		// All of them, the archived ones too. An album has fewer than a page.
		posts, _, err := sqlstore.Albums{R: a.Backend.Router}.AlbumPosts(ctx, al.ID, 0, listPage)
		if err != nil {
			return err
		}
		for _, id := range posts {
			out.Posts = append(out.Posts, id.String())
		}
		if err := yield(out); err != nil {
			return err
		}
	}
	return nil
}

// exportLinks says what links there are. The links themselves stay out: an archive lies about, and whoever finds it could use them.
func (a *App) exportLinks(ctx context.Context, user tintype.ID, yield func(any) error) error {
	list, err := a.Links.List(ctx, user)
	return yieldEach(list, yield, err, func(l collect.Link) any {
		out := map[string]any{"created": l.ID.Time(), "openings": l.Openings}
		if l.SecretLink.Post != 0 {
			out["post"] = l.SecretLink.Post
		} else {
			out["album"] = l.SecretLink.Album
		}
		if !l.Expires.IsZero() {
			out["expires"] = l.Expires.UTC()
		}
		if !l.Opened.IsZero() {
			out["last_opened"] = l.Opened.UTC()
		}
		return out
	})
}

// exportTagged gives the posts of others in whose pictures the user is named, with where; first those that wait for an answer.
func (a *App) exportTagged(ctx context.Context, user tintype.ID, yield func(any) error) error {
	type point struct {
		Picture int     `json:"picture"` // from 1
		X       float64 `json:"x"`
		Y       float64 `json:"y"`
	}
	type tagged struct {
		archive.Mention
		Waits bool    `json:"waits,omitempty"`
		At    []point `json:"at"`
	}
	for _, waits := range []bool{true, false} {
		if err := eachPage(func(page tintype.Page) (tintype.ID, error) {
			read := a.Post.TagsAsked
			if !waits {
				read = func(ctx context.Context, user tintype.ID, page tintype.Page) ([]*tintype.Post, tintype.ID, error) {
					return a.Post.Tagged(ctx, user, user, page)
				}
			}
			posts, next, err := read(ctx, user, page)
			if err != nil {
				return 0, err
			}
			named, err := a.mention(ctx, user, postIDs(posts))
			if err != nil {
				return 0, err
			}
			for i, p := range posts {
				out := tagged{Mention: named[i], Waits: waits}
				for n, m := range p.Media {
					for _, t := range m.People {
						if t.UserID == user && t.State != tintype.EdgeGone {
							out.At = append(out.At, point{n + 1, t.X, t.Y})
						}
					}
				}
				if err == nil {
					err = yield(out)
				}
			}
			return next, err
		}); err != nil {
			return err
		}
	}
	return nil
}

// exportReports gives what the user reported.
func (a *App) exportReports(ctx context.Context, user tintype.ID, yield func(any) error) error {
	return eachPage(func(page tintype.Page) (tintype.ID, error) {
		list, next, err := a.Moderate.Mine(ctx, user, page)
		return next, yieldEach(list, yield, err, func(r tintype.Report) any {
			return map[string]any{"about": thingOf(r.Thing), "reason": r.Reason, "words": r.Words, "created": r.Created.UTC(),
				"state": [...]string{tintype.ReportOpen: "open", tintype.ReportActed: "acted", tintype.ReportDismissed: "dismissed"}[r.State]}
		})
	})
}

func thingOf(t tintype.Thing) map[string]any {
	out := map[string]any{"kind": [...]string{tintype.ThingPost: "post", tintype.ThingComment: "comment", tintype.ThingUser: "user"}[t.Kind], "id": t.ID}
	if t.Kind == tintype.ThingComment {
		out["post"] = t.PostID
	}
	return out
}

// exportNotices gives what moderators decided about the user, and what the user said to it.
func (a *App) exportNotices(ctx context.Context, user tintype.ID, yield func(any) error) error {
	return eachPage(func(page tintype.Page) (tintype.ID, error) {
		list, next, err := a.Moderate.Notices(ctx, user, page)
		return next, yieldEach(list, yield, err, func(d tintype.Decision) any {
			out := map[string]any{"about": thingOf(d.Thing), "reason": d.Reason, "words": d.Words, "text": d.Text, "at": d.At.UTC(),
				"action": [...]string{tintype.ActionWarn: "warn", tintype.ActionRemove: "remove", tintype.ActionSuspend: "suspend"}[d.Action],
				"state":  [...]string{tintype.DecisionHolds: "holds", tintype.DecisionReversed: "reversed", tintype.DecisionOver: "over"}[d.State]}
			if !d.Until.IsZero() {
				out["until"] = d.Until.UTC()
			}
			if d.Appeal != tintype.AppealNone {
				out["appeal"] = map[string]any{"words": d.AppealWords, "at": d.Appealed.UTC(), "reply": d.AppealReply,
					"state": [...]string{tintype.AppealOpen: "open", tintype.AppealGranted: "granted", tintype.AppealRejected: "rejected"}[d.Appeal]}
			}
			return out
		})
	})
}
