package sqlstore

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Albums keeps albums of users' own posts, and the links that show a post or an album, on the owners' shards.
type Albums struct{ R Router }

var (
	stmtAlbumAdd    = &Stmt{Name: "albums.add", SQL: `INSERT INTO {s}albums (id, user_id, title, description, private, cover_id) VALUES ($1, $2, $3, $4, $5, $6)`}
	stmtAlbumChange = &Stmt{Name: "albums.change", SQL: `
		UPDATE {s}albums SET title = $1, description = $2, private = $3, cover_id = $4 WHERE id = $5 AND user_id = $6`}
	stmtAlbumDrop  = &Stmt{Name: "albums.drop", SQL: `DELETE FROM {s}albums WHERE id = $1 AND user_id = $2`}
	stmtAlbumEmpty = &Stmt{Name: "albums.empty", SQL: `DELETE FROM {s}album_posts WHERE album_id = $1`}
	stmtAlbumFill  = &Stmt{Name: "albums.fill", SQL: `
		INSERT INTO {s}album_posts (album_id, post_id, place) SELECT a, p, n FROM {rows $1 a,p,n} WHERE true ON CONFLICT DO NOTHING`}
	stmtAlbumCount = &Stmt{Name: "albums.count", SQL: `SELECT COUNT(*) FROM {s}albums WHERE user_id = $1`}

	stmtAlbumGet = &Stmt{Name: "albums.get", SQL: `
		SELECT a.id, a.user_id, a.title, a.description, a.private, a.cover_id, (SELECT COUNT(*) FROM {s}album_posts p WHERE p.album_id = a.id)
		FROM {s}albums a WHERE a.id = $1`}
	stmtAlbumsOf = &Stmt{Name: "albums.of", SQL: `
		SELECT a.id, a.user_id, a.title, a.description, a.private, a.cover_id, (SELECT COUNT(*) FROM {s}album_posts p WHERE p.album_id = a.id)
		FROM {s}albums a WHERE a.user_id = $1 ORDER BY a.id DESC`}
	stmtAlbumFirst = &Stmt{Name: "albums.first", SQL: `
		SELECT p.album_id, p.post_id FROM {each $1} CROSS JOIN {s}album_posts p WHERE p.album_id = e.value AND p.place <= $2 ORDER BY p.album_id, p.place`}
	stmtAlbumPosts = &Stmt{Name: "albums.posts", SQL: `
		SELECT post_id, place FROM {s}album_posts WHERE album_id = $1 AND place > $2 ORDER BY place LIMIT $3`}
	stmtAlbumHas = &Stmt{Name: "albums.has", SQL: `SELECT 1 FROM {s}album_posts WHERE album_id = $1 AND post_id = $2`}

	stmtAlbumLoses = &Stmt{Name: "albums.loses", SQL: `
		DELETE FROM {s}album_posts WHERE post_id = $1 AND album_id IN (SELECT id FROM {s}albums WHERE user_id = $2)`}
	stmtAlbumUncover      = &Stmt{Name: "albums.uncover", SQL: `UPDATE {s}albums SET cover_id = 0 WHERE user_id = $1 AND cover_id = $2`}
	stmtSecretLinkLoses   = &Stmt{Name: "secret_links.loses", SQL: `DELETE FROM {s}secret_links WHERE user_id = $1 AND post_id = $2`}
	stmtSecretLinkOfAlbum = &Stmt{Name: "secret_links.of_album", SQL: `DELETE FROM {s}secret_links WHERE user_id = $1 AND album_id = $2`}
)

// firstPlaces is as far as is looked for the first posts of an album: some that had a place there may be deleted.
const firstPlaces = 3 * firstPosts

var errNoAlbum = &tintype.Error{Kind: tintype.NotFound, Msg: "this album does not exist"}

func scanAlbums(out *[]tintype.Album) func(Scan) error {
	return func(scan Scan) error {
		var a tintype.Album
		var private int
		err := scan(&a.ID, &a.UserID, &a.Title, &a.Description, &private, &a.Cover, &a.Posts)
		a.Private = private != 0
		*out = append(*out, a)
		return err
	}
}

// Album gives an album, nil if there is none, without First.
func (s Albums) Album(ctx context.Context, id tintype.ID) (*tintype.Album, error) {
	var list []tintype.Album
	if err := s.R.Home(id.Shard()).Query(ctx, stmtAlbumGet, scanAlbums(&list), id); err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Albums gives owner's albums, newest first.
func (s Albums) Albums(ctx context.Context, owner tintype.ID) ([]tintype.Album, error) {
	h := s.R.Home(owner.Shard())
	var out []tintype.Album
	if err := h.Query(ctx, stmtAlbumsOf, scanAlbums(&out), owner); err != nil || len(out) == 0 {
		return nil, err
	}
	ids := make([]tintype.ID, len(out))
	for i, a := range out {
		ids[i] = a.ID
	}
	var of, posts []tintype.ID
	if err := h.Query(ctx, stmtAlbumFirst, scanPairs(&of, &posts), ids, firstPlaces); err != nil {
		return nil, err
	}
	for i, id := range of {
		a := &out[slices.Index(ids, id)]
		a.First = append(a.First, posts[i])
	}
	return out, nil
}

// AlbumPosts lists an album's posts behind a place, in order, with their places.
func (s Albums) AlbumPosts(ctx context.Context, album tintype.ID, after tintype.ID, n int) (posts, places []tintype.ID, err error) {
	err = s.R.Home(album.Shard()).Query(ctx, stmtAlbumPosts, scanPairs(&posts, &places), album, after, n)
	return posts, places, err
}

// InAlbum tells whether a post is in an album.
func (s Albums) InAlbum(ctx context.Context, album, post tintype.ID) (bool, error) {
	var one int
	return s.R.Home(album.Shard()).QueryRow(ctx, stmtAlbumHas, []any{&one}, album, post)
}

// PutAlbum adds an album, setting a.ID, or with an ID changes that one of a.UserID's; its posts become
// posts, in that order, unless that is nil. NotFound if there is none; Conflict if there would be more than most.
func (s Albums) PutAlbum(ctx context.Context, a *tintype.Album, posts []tintype.ID, most int) error {
	return writeFor(ctx, s.R, a.UserID, func(tx *Tx) error {
		id := a.ID
		if id == 0 {
			if err := tx.atMost(ctx, stmtAlbumCount, most, "albums", a.UserID); err != nil {
				return err
			}
			var err error
			if id, err = tx.NextID(ctx, a.UserID.Shard()); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, stmtAlbumAdd, id, a.UserID, a.Title, a.Description, flag(a.Private), a.Cover); err != nil {
				return err
			}
		} else if n, err := tx.Exec(ctx, stmtAlbumChange, a.Title, a.Description, flag(a.Private), a.Cover, id, a.UserID); err != nil {
			return err
		} else if n == 0 {
			return errNoAlbum
		}
		tx.AfterCommit(func() { a.ID = id })
		if posts == nil {
			return nil
		}
		if _, err := tx.Exec(ctx, stmtAlbumEmpty, id); err != nil {
			return err
		}
		rows := make(Rows, len(posts))
		for i, p := range posts {
			rows[i] = []int64{int64(id), int64(p), int64(i + 1)}
		}
		_, err := tx.Exec(ctx, stmtAlbumFill, rows)
		return err
	})
}

// DeleteAlbum deletes an album of owner's, and the links to it; its posts stay. NotFound if there is none.
func (s Albums) DeleteAlbum(ctx context.Context, owner, id tintype.ID) error {
	return writeFor(ctx, s.R, owner, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtAlbumDrop, id, owner)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoAlbum
		}
		if _, err := tx.Exec(ctx, stmtAlbumEmpty, id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, stmtSecretLinkOfAlbum, owner, id)
		return err
	})
}

// forgetPost takes a post that is deleted out of its owner's albums, with the links to it.
func forgetPost(ctx context.Context, tx *Tx, owner, post tintype.ID) error {
	if _, err := tx.Exec(ctx, stmtAlbumLoses, post, owner); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, stmtAlbumUncover, owner, post); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, stmtSecretLinkLoses, owner, post)
	return err
}
