package app_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/tintype"
)

// exportCovers says of every table where an export has what it holds of the user, or why it does not. Of tables that an
// export has, all columns are named: whoever adds one sees to it that it is in the file, or knows why not, and adds it here.
// The columns behind a bar are left out: keys and hashes that are secret, numbers that only this site knows, and what others' rows say.
var exportCovers = map[string]struct{ file, columns, why string }{
	"accounts":         {file: "profile.json", columns: "user_id email admin locale created moderator email_verified pending_email | email_key password_hash state"},
	"apps":             {file: "developer_apps.json", columns: "client_id name website redirect_uris scopes created description enforce_signed | id owner_id secret_hash secret implicit_grant password_grant hourly_limit"},
	"callbacks":        {file: "developer_apps.json", columns: "url | id app_id paused failing failures pushed last_error due"},
	"credentials":      {file: "sessions.json", columns: "scopes created seen user_agent address | token_hash id user_id app_id expires"},
	"decisions":        {file: "notices.json", columns: "kind thing_id post_id action reason words text at until state appeal appeal_words appealed appeal_reply | id case_id user_id by_id ended appeal_by"},
	"identities":       {file: "identities.json", columns: "issuer email linked | subject user_id"},
	"names":            {file: "profile.json", columns: "username | skeleton user_id state claimed"},
	"passkeys":         {file: "passkeys.json", columns: "name created used | credential_id user_id record"},
	"reports":          {file: "reports.json", columns: "kind thing_id post_id reason words state created | id case_id reporter_id user_id closed"},
	"second_factors":   {file: "settings.json", columns: "since | user_id secret step"},
	"subscriptions":    {file: "developer_apps.json", columns: "object object_id latitude longitude radius created | id app_id callback_id"},
	"album_posts":      {file: "albums.json", columns: "album_id post_id place"},
	"albums":           {file: "albums.json", columns: "id title description private cover_id | user_id"},
	"blocks":           {file: "blocked.json", columns: "target_id state | user_id op"},
	"choices":          {file: "settings.json", columns: "tag_from tag_by_hand mention_from hides_deeds likes_from comments_from follows_from mentions_from tags_from | user_id"},
	"close_friends":    {file: "close_friends.json", columns: "friend_id | user_id op"},
	"collection_posts": {file: "collections.json", columns: "collection_id post_id | user_id op"},
	"collections":      {file: "collections.json", columns: "id name cover_id | user_id"},
	"comments":         {file: "comments.json", columns: "post_id id text | user_id mentions taken_down"},
	"dismissals":       {file: "dismissed.json", columns: "other_id | user_id at"},
	"followers":        {file: "followers.json", columns: "follower_id state | user_id op"},
	"follows":          {file: "following.json", columns: "target_id state | user_id op"},
	"held_comments":    {file: "held_comments.json", columns: "post_id id author_id text why | user_id mentions"},
	"hidden_words":     {file: "settings.json", columns: "words covers | user_id"},
	"media":            {file: "posts.json", columns: "position original_type original_bytes width height alt_text filter recipe camera people | post_id key original_key original_sha256 blurhash"},
	"mutes":            {file: "muted.json", columns: "target_id activity | user_id op"},
	"my_comments":      {file: "comments.json", columns: "id post_id | user_id"},
	"my_likes":         {file: "likes.json", columns: "post_id state | user_id op"},
	"my_tags":          {file: "followed_tags.json", columns: "name | user_id tag_id"},
	"posts": {file: "posts.json", columns: "id caption tags place_name latitude longitude edited likes comments off_map commenters audience archived pinned hide_likes taken_down" +
		" | user_id mentions place_id"},
	"restricts":    {file: "restricted.json", columns: "target_id | user_id op"},
	"saved":        {file: "saved.json", columns: "post_id | user_id op"},
	"secret_links": {file: "secret_links.json", columns: "id post_id album_id expires openings opened | user_id"},
	"tagged_posts": {file: "tagged.json", columns: "post_id owner_id state | user_id"},
	"users": {file: "settings.json", columns: "id username full_name bio website avatar_key private media follows followers created shows_map commenters hides_likes friend_media" +
		" | state last_seen activity_seen"},

	"activity":          {why: "what others did, of which the site tells for a while; the likes, comments and follows are theirs"},
	"app_usage":         {why: "counts calls by the hour, for a day"},
	"audit":             {why: "the site's own record of what its moderators did; what they decided about the user is in notices.json"},
	"blocked_by":        {why: "by whom one is blocked, nobody is told"},
	"cases":             {why: "the moderators' side of reports, which the reporter has in reports.json"},
	"challenges":        {why: "secrets of minutes"},
	"devices":           {why: "hashes of marks in browsers; they say nothing about which browsers"},
	"exports":           {why: "the archives themselves"},
	"foreign_keys":      {why: "how a whole site that was imported is known; holds nothing of users"},
	"grants":            {why: "secrets of minutes; the apps that were let in are in apps.json"},
	"idempotency":       {why: "answers of a day, to recognise requests that come twice"},
	"import_items":      {why: "lists of what was in an archive that the user brought, kept for a week"},
	"imported":          {why: "how an archive that comes again is recognised; the posts are in posts.json"},
	"imports":           {why: "archives that the user brought, kept for a week"},
	"invites":           {why: "the site's, which its admins make and see"},
	"leaving":           {why: "who leaves cannot sign in, so makes no archive"},
	"likes":             {why: "others' likes; the user's are in likes.json"},
	"mail_links":        {why: "secrets of a day"},
	"past_ids":          {why: "a counter"},
	"people":            {why: "made of names, for searching"},
	"people_typos":      {why: "made of names, for searching"},
	"places":            {why: "the site's; the user's are with the posts"},
	"popular":           {why: "made of likes and comments"},
	"pulled":            {why: "how feeds of who follows many are made"},
	"pushes":            {why: "waits for minutes to be sent to apps"},
	"recovery_codes":    {why: "hashes of secrets"},
	"setting_changes":   {why: "the site's"},
	"settings":          {why: "the site's"},
	"spot_posts":        {why: "made of posts, for finding them"},
	"spots":             {why: "a counter"},
	"storage_use":       {why: "a counter; Settings shows it"},
	"stored":            {why: "sizes of files that are made of the originals"},
	"subscription_keys": {why: "made of subscriptions"},
	"tag_names":         {why: "made of tags, for searching"},
	"tag_posts":         {why: "made of posts, for finding them"},
	"tags":              {why: "a counter"},
	"uploads":           {why: "pictures of a post that is not published, kept for a day; those of posts are in media/"},
	"word_posts":        {why: "made of posts, for finding them"},
}

// TestExportCovers compares the tables of a site with what an export has of them, so that none is forgotten.
func TestExportCovers(t *testing.T) {
	t.Parallel()
	tables, err := sqlite.Layout(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, table := range tables {
		there[table.Name] = true
		c, ok := exportCovers[table.Name]
		if !ok || (c.file == "") == (c.why == "") {
			t.Errorf("%s: say in exportCovers which file of an export has it, or why none has", table.Name)
			continue
		}
		if c.file == "" {
			continue
		}
		want := strings.Fields(strings.ReplaceAll(c.columns, "|", " "))
		got := table.Names()
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s has other columns than exportCovers says are in %s (-want +got):\n%s", table.Name, c.file, diff)
		}
	}
	for name := range exportCovers {
		if !there[name] {
			t.Errorf("there is no table %s", name)
		}
	}
}

// testIdentity links a user with an OpenID provider.
var testIdentity = &sqlstore.Stmt{Name: "test.identity", SQL: `
	INSERT INTO {s}identities (issuer, subject, user_id, email, linked) VALUES ($1, $2, $3, $4, $5)`}

// full is a member who did and set everything that there is to do and to set.
type full struct {
	user                     *tintype.User
	as                       credential
	ben, cem                 *tintype.User
	open, album, arch, close mediaOut // the user's posts
	bens                     mediaOut
	ofBen                    mediaOut // with the user in it
}

func (s *site) full() full {
	t := s.t
	t.Helper()
	ctx, r := t.Context(), s.app.Backend.Router
	s.user("first", false)
	f := full{user: s.user("ann", false), ben: s.user("ben", false), cem: s.user("cem", true)}
	dee, eve := s.user("dee", false), s.user("eve", false)
	f.as = s.session(f.user)
	asBen, asDee := s.session(f.ben), s.session(dee)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	// The people: followed, asked, following, asking, a close friend, muted, restricted, blocked, dismissed.
	s.does(f.as, f.ben, "follow")
	s.does(f.as, f.cem, "follow")
	s.does(asBen, f.user, "follow")
	s.settle()
	s.want(200, f.as, "PATCH", "/v1/users/self", map[string]any{"is_private": true, "hides_likes": true, "bio": "I am ann", "has_map": true})
	s.does(asDee, f.user, "follow")
	s.want(200, f.as, "PUT", "/v1/users/self/close-friends/"+f.ben.ID.String(), nil)
	s.does(f.as, f.ben, "mute", "activity")
	s.does(f.as, dee, "restrict")
	s.does(f.as, eve, "block")
	must(s.app.Graph.Dismiss(ctx, f.user.ID, f.cem.ID, true))
	s.settle()

	// The posts: an album with everything, one archived, one for close friends, and one that is pinned first.
	var up [2]struct{ ID string }
	for i := range up {
		s.want(201, f.as, "POST", "/v1/uploads", picture(t, i)).into(t, &up[i])
	}
	s.want(201, f.as, "POST", "/v1/media", map[string]any{"uploads": []string{up[0].ID, up[1].ID}, "caption": "an album #trip", "alt_texts": []string{"one", "two"}, "hide_likes": false, "commenters": "followers",
		"location": map[string]any{"name": "Somewhere", "latitude": 1.5, "longitude": 2.5, "on_map": false}, "users_in_photo": []any{tagIn(f.ben, 1, 0.25, 0.75)}}).into(t, &f.album)
	f.arch, f.close, f.open = s.post(f.as, "archived #secret", 2), s.post(f.as, "for close friends", 3), s.post(f.as, "an open one", 4)
	s.want(200, f.as, "PATCH", "/v1/media/"+f.close.ID, map[string]any{"audience": "friends"})
	s.want(200, f.as, "PUT", "/v1/media/"+f.album.ID+"/pin", nil)
	s.want(200, f.as, "PUT", "/v1/media/"+f.open.ID+"/pin", nil)
	s.want(200, f.as, "PUT", "/v1/users/self/avatar", picture(t, 5))

	// What others made: liked, commented, saved, with the user in it.
	f.bens = s.post(asBen, "of ben", 6)
	f.ofBen, _ = s.withPeople(201, asBen, 7, tagIn(f.user, 0, 0.5, 0.5))
	s.want(200, f.as, "POST", "/v1/media/"+f.bens.ID+"/likes", nil)
	s.want(200, f.as, "POST", "/v1/media/"+f.bens.ID+"/comments", url.Values{"text": {"in the open"}})
	s.does(asBen, f.user, "restrict")
	s.want(200, f.as, "POST", "/v1/media/"+f.bens.ID+"/comments", url.Values{"text": {"while I am restricted"}})
	s.want(200, f.as, "PUT", "/v1/media/"+f.bens.ID+"/saved", nil)
	var k struct{ ID string }
	s.want(201, f.as, "POST", "/v1/collections", map[string]any{"name": "Ideas"}).into(t, &k)
	for _, m := range []mediaOut{f.bens, f.open, f.arch} {
		s.want(200, f.as, "PUT", "/v1/collections/"+k.ID+"/media/"+m.ID, nil)
	}
	var a struct{ ID string }
	s.want(201, f.as, "POST", "/v1/albums", map[string]any{"title": "Best of", "description": "in my order", "is_private": true, "media": []string{f.open.ID, f.close.ID, f.arch.ID, f.album.ID}}).into(t, &a)
	s.want(200, f.as, "PATCH", "/v1/albums/"+a.ID, map[string]any{"cover_id": f.album.ID})
	s.want(200, f.as, "PUT", "/v1/media/"+f.arch.ID+"/archive", nil)
	s.want(201, f.as, "POST", "/v1/secret-links", map[string]any{"media_id": f.open.ID, "expires_in": 900})
	s.want(201, f.as, "POST", "/v1/secret-links", map[string]any{"album_id": a.ID, "never_expires": true})
	s.want(200, f.as, "POST", "/v1/tags/fog/relationship", url.Values{"action": {"follow"}})
	s.want(201, f.as, "POST", "/v1/reports", map[string]any{"kind": "user", "id": dee.ID.String(), "reason": "spam", "words": "too much"})

	// The settings.
	s.want(200, f.as, "PATCH", "/v1/users/self/safety", map[string]any{"commenters": "following", "hidden_words": []string{"rubbish"}, "cover_feed": true})
	s.want(200, f.as, "PATCH", "/v1/users/self/choices", map[string]any{"tags_from": "following", "approve_tags": true, "show_activity": false, "notify": map[string]any{"likes": "nobody"}})

	// What waits for the user to decide, and what was decided about the user.
	s.does(f.as, f.ben, "follow")
	c := &tintype.Comment{UserID: f.ben.ID, Text: "what rubbish", Held: tintype.HeldWords}
	postID, err := tintype.ParseID(strings.SplitN(f.open.ID, "_", 2)[0])
	must(err)
	c.PostID = postID
	_, _, err = (sqlstore.Comments{R: r, Clock: time.Now}).AddComment(ctx, c, f.user.ID, nil, tintype.Once{UserID: f.ben.ID})
	must(err)
	now := time.Now().UTC().Truncate(time.Microsecond)
	reports := sqlstore.Reports{R: r}
	must(reports.Decide(ctx, tintype.Decision{Thing: tintype.Thing{Kind: tintype.ThingPost, ID: postID, PostID: postID, UserID: f.user.ID}, Action: tintype.ActionWarn, Reason: "spam", Words: "please do not",
		At: now, State: tintype.DecisionHolds}, tintype.AuditEntry{At: now, Via: "test", Deed: "test.warn"}))

	// The doors.
	must(sqlstore.Passkeys{R: r}.AddPasskey(ctx, tintype.Passkey{ID: []byte("a key"), UserID: f.user.ID, Name: "My phone", Record: "{}", Created: now}, job.Mail{}))
	must(r.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(ctx, testIdentity, "corp", "subject-of-ann", f.user.ID, "ann@corp.example", now)
		return err
	}))
	s.mintFor(f.user.ID, s.someApp())
	s.want(201, f.as, "POST", "/v1/apps", map[string]any{"name": "App of ann", "website": "https://app.example", "redirect_uris": []string{"https://app.example/back"}, "scopes": "basic"})
	s.settle()
	return f
}

// TestExportEverything takes all along that a member did and set, on every engine: no file is empty, nothing is in it that is secret.
func TestExportEverything(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		f := s.full()
		_, b := s.exported(f.as)
		files := unzip(t, b)
		for table, c := range exportCovers {
			if c.file == "" {
				continue
			}
			if text := strings.TrimSpace(string(files[c.file])); text == "" || text == "[]" || text == "[\n\n]" {
				t.Errorf("%s, for the table %s, is empty: %q", c.file, table, text)
			}
		}
		for name, want := range map[string][]string{
			"profile.json": {`"bio": "I am ann"`, `"posts_for_close_friends": 1`}, "settings.json": {`"private": true`, `"hides_likes": true`, `"commenters": "following"`, `"rubbish"`, `"cover_feed": true`,
				`"tags_from": "following"`, `"approve_tags": true`, `"show_activity": false`, `"likes": "nobody"`},
			"comments.json": {"in the open", "while I am restricted"}, "held_comments.json": {"what rubbish", `"by": "ben"`, `"why": "hidden_words"`}, "likes.json": {f.bens.Shortcode}, "saved.json": {f.bens.Shortcode},
			"secret_links.json": {`"post"`, `"album"`, `"expires"`}, "tagged.json": {f.ofBen.Shortcode, `"x": 0.5`}, "followed_tags.json": {`"fog"`}, "following.json": {`"ben"`}, "requested.json": {`"cem"`},
			"follow_requests.json": {`"dee"`}, "close_friends.json": {`"ben"`}, "muted.json": {`"ben"`, `"activity": true`}, "restricted.json": {`"dee"`}, "blocked.json": {`"eve"`}, "dismissed.json": {`"cem"`},
			"passkeys.json": {"My phone"}, "identities.json": {"corp", "ann@corp.example"}, "developer_apps.json": {"App of ann"}, "apps.json": {"some app"}, "reports.json": {"too much"}, "notices.json": {"please do not", `"action": "warn"`},
			"README.txt": {"albums.json"},
		} {
			for _, w := range want {
				if !strings.Contains(string(files[name]), w) {
					t.Errorf("%s has no %q: %s", name, w, files[name])
				}
			}
		}
		var posts []archive.Post
		var albums []archive.Album
		var collections []archive.Collection
		for name, v := range map[string]any{archive.PostsFile: &posts, archive.AlbumsFile: &albums, archive.CollectionsFile: &collections} {
			if err := json.Unmarshal(files[name], v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		no := false
		stand := map[string]archive.Standing{}
		for _, p := range posts {
			stand[p.Caption] = p.Standing
		}
		if diff := cmp.Diff(map[string]archive.Standing{"an open one": {Pinned: 1}, "for close friends": {Audience: "friends"}, "archived #secret": {Archived: true},
			"an album #trip": {Pinned: 2, HideLikes: &no, Commenters: "followers"}}, stand); diff != "" {
			t.Errorf("how the posts stand (-want +got):\n%s", diff)
		}
		if p := posts[len(posts)-1]; !p.Location.OffMap || len(p.Media) != 2 || !cmp.Equal(p.Media[1].People, []archive.Named{{Username: "ben", X: 0.25, Y: 0.75}}) {
			t.Errorf("the album is %+v", p)
		}
		id := func(m mediaOut) string { return strings.SplitN(m.ID, "_", 2)[0] }
		if len(albums) != 1 || !albums[0].Private || albums[0].Cover != id(f.album) || !slices.Equal(albums[0].Posts, []string{id(f.open), id(f.close), id(f.arch), id(f.album)}) {
			t.Errorf("the albums are %+v", albums)
		}
		if len(collections) != 1 || collections[0].Name != "Ideas" || len(collections[0].Posts) != 3 || collections[0].Posts[0].Post != id(f.arch) || collections[0].Posts[0].Gone || collections[0].Posts[2].By != "ben" {
			t.Errorf("the collections are %+v", collections)
		}
		var links []struct{ URL string }
		s.want(200, f.as, "GET", "/v1/secret-links", nil).into(t, &links)
		for name, text := range files {
			for _, l := range links {
				if token := l.URL[strings.LastIndexByte(l.URL, '/')+1:]; strings.Contains(string(text), token) {
					t.Errorf("%s has the secret of a link", name)
				}
			}
			for _, secret := range []string{"subject-of-ann", "password_hash", "secret_hash"} {
				if strings.Contains(string(text), secret) {
					t.Errorf("%s has %q", name, secret)
				}
			}
		}
	})
}

// TestTakeOver takes all that a member has to a fresh account on another site, and compares what an export has there.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	// Behind the others: what was published there a moment ago is of the past here.
	from := newSite(t, "sqlite", app.Config{Clock: func() time.Time { return time.Now().Add(-2 * time.Minute) }})
	f := from.full()
	_, b := from.exported(f.as)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			to := newSite(t, engine, siteConfig())
			to.user("first", false)
			zoe, ben, fan := to.user("zoe", false), to.user("ben", false), to.user("fan", false)
			to.user("dee", false)
			asZoe, asFan := to.session(zoe), to.session(fan)
			to.does(asZoe, ben, "follow")
			to.does(asFan, zoe, "follow")
			to.does(asFan, ben, "follow")
			to.want(200, asFan, "GET", "/v1/users/self/feed", nil) // it is built
			to.settle()
			bens := to.post(to.session(ben), "of ben", 8)
			to.settle()
			i := to.bring(asZoe, b)
			var sections []string
			for _, found := range i.Found {
				sections = append(sections, found.Section)
			}
			if !slices.Equal(sections, []string{"albums", "archived", "collections", "people", "posts"}) {
				t.Errorf("the sections are %v", sections)
			}
			i = to.runImport(asZoe, i, map[string]any{"sections": sections})
			if i.State != "done" || i.Failed != 0 {
				t.Fatalf("%+v: %+v", i, to.items(asZoe, i, ""))
			}

			// What is in it there is what was in it here.
			read := func(b []byte) (posts []archive.Post, albums []archive.Album, collections []archive.Collection) {
				files := unzip(t, b)
				for name, v := range map[string]any{archive.PostsFile: &posts, archive.AlbumsFile: &albums, archive.CollectionsFile: &collections} {
					if err := json.Unmarshal(files[name], v); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
				}
				return posts, albums, collections
			}
			_, again := to.exported(asZoe)
			posts, albums, collections := read(b)
			posts2, albums2, collections2 := read(again)
			name := map[string]string{}
			for k := range posts {
				name[posts[k].ID], name[posts2[k].ID] = posts[k].Caption, posts2[k].Caption
				for n := range posts[k].Media {
					posts[k].Media[n].People, posts[k].Media[n].File, posts2[k].Media[n].File = nil, "", "" // nobody is named here
				}
				for _, p := range []*archive.Post{&posts[k], &posts2[k]} {
					p.ID, p.Shortcode, p.Edited, p.Comments, p.Created = "", "", nil, 0, p.Created.Truncate(time.Second)
				}
			}
			if diff := cmp.Diff(posts, posts2); diff != "" {
				t.Errorf("the posts (-there +here):\n%s", diff)
			}
			for _, list := range [][]archive.Album{albums, albums2} {
				for n := range list {
					a := &list[n]
					a.ID, a.Cover, a.Created = "", name[a.Cover], time.Time{}
					for k := range a.Posts {
						a.Posts[k] = name[a.Posts[k]]
					}
				}
			}
			if diff := cmp.Diff(albums, albums2); diff != "" {
				t.Errorf("the albums (-there +here):\n%s", diff)
			}
			// Of a collection those come that are one's own.
			var own []string
			for _, m := range collections2[0].Posts {
				own = append(own, name[m.Post])
			}
			if len(collections2) != 1 || collections2[0].Name != collections[0].Name || !slices.Equal(own, []string{"archived #secret", "an open one"}) {
				t.Errorf("the collections are %+v", collections2)
			}
			// People come by their names, close friends only of those whom one follows here.
			files := unzip(t, again)
			for name, want := range map[string]string{"close_friends.json": `"ben"`, "muted.json": `"activity": true`, "restricted.json": `"dee"`, "blocked.json": "[]"} {
				if !strings.Contains(string(files[name]), want) {
					t.Errorf("%s has no %s: %s", name, want, files[name])
				}
			}
			var reasons []string
			for _, it := range to.items(asZoe, i, "") {
				reasons = append(reasons, it.Reason)
			}
			for _, want := range []string{"not here: eve", "a post of it is not here", "who is named in its photos is not named here"} {
				if !slices.Contains(reasons, want) {
					t.Errorf("no item says %q: %q", want, reasons)
				}
			}

			// What was hidden there was seen by nobody here, and is found nowhere.
			to.settle()
			var seen []mediaOut
			to.want(200, asFan, "GET", "/v1/users/"+zoe.ID.String()+"/media/recent", nil).into(t, &seen)
			if len(seen) != 2 {
				t.Errorf("a follower sees %d posts: %+v", len(seen), seen)
			}
			for _, path := range []string{"/v1/tags/secret/media/recent", "/v1/users/self/feed", "/v1/users/self/activity", "/v1/media/search?q=archived", "/v1/media/popular"} {
				if r := to.ask(asFan, "GET", path, nil); strings.Contains(string(r.body), "archived #secret") || strings.Contains(string(r.body), "for close friends") {
					t.Errorf("%s shows what is hidden: %s", path, r.body)
				}
			}
			if got := to.feedIDs(asFan); !slices.Equal(got, []string{bens.ID}) {
				t.Errorf("a follower's feed heard of it: %v", got)
			}
			// Once more: nothing comes twice.
			twice := to.runImport(asZoe, to.bring(asZoe, b), map[string]any{"sections": sections})
			_, third := to.exported(asZoe)
			posts3, albums3, collections3 := read(third)
			if twice.Failed != 0 || len(posts3) != len(posts2) || len(albums3) != 1 || len(albums3[0].Posts) != len(albums2[0].Posts) || len(collections3) != 1 || len(collections3[0].Posts) != 2 {
				t.Errorf("once more: %+v, %d posts, %+v, %+v", twice, len(posts3), albums3, collections3)
			}
			checkClean(t, to)
		})
	}
}
