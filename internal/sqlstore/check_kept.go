package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// The checks of comments that wait, and of what users keep together: collections, albums, and links that show a post or an
// album. Saved posts may be gone, and collections may have them: that is no damage, and nobody sees them. How many posts
// something has is counted when it is asked for.
var (
	stmtCheckHeld = &Stmt{Name: "check.held_comments", SQL: `
		SELECT h.post_id, h.id, h.user_id, h.author_id, coalesce((SELECT p.user_id FROM {s}posts p WHERE p.id = h.post_id), 0),
			(SELECT count(*) FROM {s}comments c WHERE c.post_id = h.post_id AND c.id = h.id)
		FROM {s}held_comments h WHERE (h.post_id, h.id) > ($1, $2) ORDER BY h.post_id, h.id LIMIT $3`}
	stmtCheckDropHeld = &Stmt{Name: "check.drop_held", SQL: `
		DELETE FROM {s}held_comments WHERE post_id = $1 AND id = $2 AND (NOT EXISTS (SELECT 1 FROM {s}posts p WHERE p.id = $1)
			OR EXISTS (SELECT 1 FROM {s}comments c WHERE c.post_id = $1 AND c.id = $2))`}
	stmtCheckHeldOwner = &Stmt{Name: "check.held_owner", SQL: `
		UPDATE {s}held_comments SET user_id = (SELECT p.user_id FROM {s}posts p WHERE p.id = $1) WHERE post_id = $1 AND id = $2`}

	stmtCheckCollectionPosts = &Stmt{Name: "check.collection_posts", SQL: `
		SELECT p.user_id, p.collection_id, count(*), (SELECT count(*) FROM {s}collections c WHERE c.user_id = p.user_id AND c.id = p.collection_id)
		FROM {s}collection_posts p WHERE (p.user_id, p.collection_id) > ($1, $2) GROUP BY p.user_id, p.collection_id ORDER BY p.user_id, p.collection_id LIMIT $3`}
	stmtCheckCollections = &Stmt{Name: "check.collections", SQL: `
		SELECT c.user_id, c.id, c.cover_id, (SELECT count(*) FROM {s}users u WHERE u.id = c.user_id),
			(SELECT count(*) FROM {s}collection_posts p WHERE p.user_id = c.user_id AND p.collection_id = c.id AND p.post_id = c.cover_id),
			(SELECT count(*) FROM {s}collection_posts p WHERE p.user_id = c.user_id AND p.collection_id = c.id
				AND NOT EXISTS (SELECT 1 FROM {s}saved s WHERE s.user_id = p.user_id AND s.post_id = p.post_id))
		FROM {s}collections c WHERE (c.user_id, c.id) > ($1, $2) ORDER BY c.user_id, c.id LIMIT $3`}
	stmtCheckDropCollection = &Stmt{Name: "check.drop_collection", SQL: `
		DELETE FROM {s}collections WHERE user_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM {s}users u WHERE u.id = $1)`}
	stmtCheckEmptyCollection = &Stmt{Name: "check.empty_collection", SQL: `
		DELETE FROM {s}collection_posts WHERE user_id = $1 AND collection_id = $2
			AND NOT EXISTS (SELECT 1 FROM {s}collections c WHERE c.user_id = $1 AND c.id = $2)`}
	stmtCheckUncoverCollection = &Stmt{Name: "check.uncover_collection", SQL: `
		UPDATE {s}collections SET cover_id = 0 WHERE user_id = $1 AND id = $2
			AND NOT EXISTS (SELECT 1 FROM {s}collection_posts p WHERE p.user_id = $1 AND p.collection_id = $2 AND p.post_id = collections.cover_id)`}
	stmtCheckSaveCollected = &Stmt{Name: "check.save_collected", SQL: `
		INSERT INTO {s}saved (user_id, post_id, op) SELECT p.user_id, p.post_id, p.op FROM {s}collection_posts p WHERE p.user_id = $1 AND p.collection_id = $2
		ON CONFLICT DO NOTHING`}

	stmtCheckAlbumPosts = &Stmt{Name: "check.album_posts", SQL: `
		SELECT m.album_id, m.post_id, coalesce((SELECT a.user_id FROM {s}albums a WHERE a.id = m.album_id), 0), coalesce((SELECT p.user_id FROM {s}posts p WHERE p.id = m.post_id), 0)
		FROM {s}album_posts m WHERE (m.album_id, m.post_id) > ($1, $2) ORDER BY m.album_id, m.post_id LIMIT $3`}
	stmtCheckDropAlbumPost = &Stmt{Name: "check.drop_album_post", SQL: `
		DELETE FROM {s}album_posts WHERE album_id = $1 AND post_id = $2
			AND NOT EXISTS (SELECT 1 FROM {s}albums a JOIN {s}posts p ON p.user_id = a.user_id WHERE a.id = $1 AND p.id = $2)`}
	stmtCheckAlbums = &Stmt{Name: "check.albums", SQL: `
		SELECT a.id, a.user_id, a.cover_id, (SELECT count(*) FROM {s}users u WHERE u.id = a.user_id),
			(SELECT count(*) FROM {s}album_posts m WHERE m.album_id = a.id AND m.post_id = a.cover_id)
		FROM {s}albums a WHERE a.id > $1 ORDER BY a.id LIMIT $2`}
	stmtCheckDropAlbum = &Stmt{Name: "check.drop_album", SQL: `
		DELETE FROM {s}albums WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {s}users u WHERE u.id = albums.user_id)`}
	stmtCheckUncoverAlbum = &Stmt{Name: "check.uncover_album", SQL: `
		UPDATE {s}albums SET cover_id = 0 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {s}album_posts m WHERE m.album_id = $1 AND m.post_id = albums.cover_id)`}

	stmtCheckLinks = &Stmt{Name: "check.secret_links", SQL: `
		SELECT l.id, l.user_id, l.post_id, l.album_id, coalesce((SELECT p.user_id FROM {s}posts p WHERE p.id = l.post_id), (SELECT a.user_id FROM {s}albums a WHERE a.id = l.album_id), 0)
		FROM {s}secret_links l WHERE l.id > $1 ORDER BY l.id LIMIT $2`}
	stmtCheckDropLink = &Stmt{Name: "check.drop_secret_link", SQL: `DELETE FROM {s}secret_links WHERE id = $1`}
)

// kept are the checks of this file; what is in something comes before what names a part of it.
func (c Checks) kept() []checker {
	return []checker{
		{name: "held_comments", weight: 1, page: Checks.pageHeld, mend: Checks.mendHeld},
		{name: "collection_posts", weight: 1, page: Checks.pageCollectionPosts, mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
			return mendBy(ctx, h, k, stmtCheckEmptyCollection)
		}},
		{name: "collections", weight: 1, page: Checks.pageCollections, mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
			return mendBy(ctx, h, k, stmtCheckDropCollection, stmtCheckEmptyCollection, stmtCheckSaveCollected, stmtCheckUncoverCollection)
		}},
		{name: "album_posts", weight: 1, page: Checks.pageAlbumPosts, mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
			return mendBy(ctx, h, k, stmtCheckDropAlbumPost)
		}},
		{name: "albums", weight: 1, page: Checks.pageAlbums, mend: Checks.mendAlbum},
		{name: "secret_links", weight: 1, page: Checks.pageLinks, mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
			return tintype.Mended{}, h.Write(ctx, func(tx *Tx) error { _, err := tx.Exec(ctx, stmtCheckDropLink, k[0]); return err })
		}},
	}
}

// mendBy runs statements on what a key names, each of which changes what is wrong only.
func mendBy(ctx context.Context, h Home, k tintype.CheckKey, stmts ...*Stmt) (tintype.Mended, error) {
	return tintype.Mended{}, h.Write(ctx, func(tx *Tx) error {
		for _, st := range stmts {
			if _, err := tx.Exec(ctx, st, k[0], k[1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// pageHeld: every comment that waits is on a post, waits for its owner, is not shown as well, and is noted on its author's side.
func (c Checks) pageHeld(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var notes []note
	if err := h.Query(ctx, stmtCheckHeld, func(scan Scan) error {
		var n note
		var waitsFor, owner tintype.ID
		var shown int
		if err := scan(&n.post, &n.id, &waitsFor, &n.user, &owner, &shown); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(n.post), int64(n.id)}
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "a comment that waits on post"):
		case owner == 0:
			p.mendable(k, "comment %v waits on post %v, which is not there", n.id, n.post)
		case shown != 0:
			p.mendable(k, "comment %v on post %v waits, and is shown as well", n.id, n.post)
		case owner != waitsFor:
			p.mendable(k, "comment %v waits for user %v, but post %v is user %v's", n.id, waitsFor, n.post, owner)
		default:
			notes = append(notes, n)
		}
		return nil
	}, after[0], after[1], limit); err != nil {
		return p, err
	}
	err := c.tellUnnoted(ctx, &p, notes, "comment %v, which waits on post %v, is not noted with its author, user %v")
	return p, err
}

func (c Checks) mendHeld(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	post, id := tintype.ID(k[0]), tintype.ID(k[1])
	m := tintype.Mended{Posts: []tintype.ID{post}}
	read := func() (map[tintype.ID]tintype.ID, error) {
		return c.readNotes(ctx, nil, stmtCheckReadComments, []note{{post: post, id: id}}, func(n note) tintype.ID { return n.post })
	}
	was, err := read()
	if err != nil || len(was) == 0 {
		return m, err
	}
	if _, err := mendBy(ctx, h, k, stmtCheckDropHeld, stmtCheckHeldOwner); err != nil {
		return m, err
	}
	left, err := read()
	if err != nil {
		return m, err
	}
	return m, c.noteComment(ctx, was[id], k, len(left) != 0)
}

// pageCollectionPosts: what is in a collection is in one that is there.
func (c Checks) pageCollectionPosts(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckCollectionPosts, func(scan Scan) error {
		var user, collection tintype.ID
		var posts, there int
		if err := scan(&user, &collection, &posts, &there); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(user), int64(collection)}
		p.saw(k)
		if !c.misplaced(&p, h, k, "a post in a collection of user") && there == 0 {
			p.mendable(k, "user %v has %d posts in collection %v, which is not there", user, posts, collection)
		}
		return nil
	}, after[0], after[1], limit)
	return p, err
}

// pageCollections: every collection is somebody's, what is in it is saved, and its cover is one of them.
func (c Checks) pageCollections(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckCollections, func(scan Scan) error {
		var user, id, cover tintype.ID
		var users, covers, unsaved int
		if err := scan(&user, &id, &cover, &users, &covers, &unsaved); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(user), int64(id)}
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "a collection of user"):
		case users == 0:
			p.mendable(k, "collection %v belongs to user %v, who is not there", id, user)
		case unsaved != 0:
			p.mendable(k, "collection %v of user %v has %d posts that are not saved", id, user, unsaved)
		case cover != 0 && covers == 0:
			p.mendable(k, "collection %v of user %v has post %v for its cover, which is not in it", id, user, cover)
		}
		return nil
	}, after[0], after[1], limit)
	return p, err
}

// pageAlbumPosts: what is in an album is a post of the album's owner, and both are there.
func (c Checks) pageAlbumPosts(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckAlbumPosts, func(scan Scan) error {
		var album, post, owner, author tintype.ID
		if err := scan(&album, &post, &owner, &author); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(album), int64(post)}
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "a post in album"):
		case owner == 0:
			p.mendable(k, "post %v is in album %v, which is not there", post, album)
		case author == 0:
			p.mendable(k, "album %v has post %v, which is not there", album, post)
		case author != owner:
			p.mendable(k, "album %v of user %v has post %v, which is user %v's", album, owner, post, author)
		}
		return nil
	}, after[0], after[1], limit)
	return p, err
}

// pageAlbums: every album is somebody's, and its cover is in it.
func (c Checks) pageAlbums(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckAlbums, func(scan Scan) error {
		var id, user, cover tintype.ID
		var users, covers int
		if err := scan(&id, &user, &cover, &users, &covers); err != nil {
			return err
		}
		k := oneKey(id)
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "album"):
		case users == 0:
			p.mendable(k, "album %v belongs to user %v, who is not there", id, user)
		case cover != 0 && covers == 0:
			p.mendable(k, "album %v has post %v for its cover, which is not in it", id, cover)
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}

func (c Checks) mendAlbum(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{}, h.Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtCheckDropAlbum, k[0])
		st := stmtCheckUncoverAlbum
		if n != 0 {
			st = stmtAlbumEmpty
		}
		if err == nil {
			_, err = tx.Exec(ctx, st, k[0])
		}
		return err
	})
}

// pageLinks: every secret link shows a post or an album of who made it, which is there.
func (c Checks) pageLinks(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckLinks, func(scan Scan) error {
		var id, user, post, album, owner tintype.ID
		if err := scan(&id, &user, &post, &album, &owner); err != nil {
			return err
		}
		k := oneKey(id)
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "secret link"):
		case owner == 0:
			p.mendable(k, "secret link %v shows post %v or album %v, which is not there", id, post, album)
		case owner != user:
			p.mendable(k, "secret link %v is user %v's, but shows what is user %v's", id, user, owner)
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}
