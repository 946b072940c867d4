package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtSecretLinkAdd = &Stmt{Name: "secret_links.add", SQL: `
		INSERT INTO {s}secret_links (id, user_id, post_id, album_id, expires, openings, opened) VALUES ($1, $2, $3, $4, $5, 0, 0)`}
	stmtSecretLinkCount = &Stmt{Name: "secret_links.count", SQL: `SELECT COUNT(*) FROM {s}secret_links WHERE user_id = $1`}
	stmtSecretLinkOld   = &Stmt{Name: "secret_links.old", SQL: `DELETE FROM {s}secret_links WHERE user_id = $1 AND expires <> 0 AND expires < $2`}
	stmtSecretLinkGet   = &Stmt{Name: "secret_links.get", SQL: `
		SELECT id, user_id, post_id, album_id, expires, openings, opened FROM {s}secret_links WHERE id = $1`}
	stmtSecretLinksOf = &Stmt{Name: "secret_links.of", SQL: `
		SELECT id, user_id, post_id, album_id, expires, openings, opened FROM {s}secret_links WHERE user_id = $1 ORDER BY id DESC`}
	stmtSecretLinkEnd    = &Stmt{Name: "secret_links.end", SQL: `DELETE FROM {s}secret_links WHERE id = $1 AND user_id = $2`}
	stmtSecretLinkOpened = &Stmt{Name: "secret_links.opened", SQL: `UPDATE {s}secret_links SET openings = openings + 1, opened = $1 WHERE id = $2`}
)

func scanLinks(out *[]tintype.SecretLink) func(Scan) error {
	return func(scan Scan) error {
		var l tintype.SecretLink
		var expires, opened int64
		err := scan(&l.ID, &l.UserID, &l.Post, &l.Album, &expires, &l.Openings, &opened)
		l.Expires, l.Opened = FromMicros(expires), FromMicros(opened)
		*out = append(*out, l)
		return err
	}
}

// AddLink adds a link and sets l.ID. Those of its user that expired before old are forgotten. Conflict if there are most then.
func (s Albums) AddLink(ctx context.Context, l *tintype.SecretLink, old time.Time, most int) error {
	return writeFor(ctx, s.R, l.UserID, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, stmtSecretLinkOld, l.UserID, old); err != nil {
			return err
		}
		if err := tx.atMost(ctx, stmtSecretLinkCount, most, "secret links", l.UserID); err != nil {
			return err
		}
		var err error
		if l.ID, err = tx.NextID(ctx, l.UserID.Shard()); err == nil {
			_, err = tx.Exec(ctx, stmtSecretLinkAdd, l.ID, l.UserID, l.Post, l.Album, l.Expires)
		}
		return err
	})
}

// Link gives a link, nil if there is none (any more).
func (s Albums) Link(ctx context.Context, id tintype.ID) (*tintype.SecretLink, error) {
	var list []tintype.SecretLink
	if err := s.R.Home(id.Shard()).Query(ctx, stmtSecretLinkGet, scanLinks(&list), id); err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Links gives the links of user, newest first.
func (s Albums) Links(ctx context.Context, user tintype.ID) (list []tintype.SecretLink, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtSecretLinksOf, scanLinks(&list), user)
	return list, err
}

// EndLink revokes a link of user's. NotFound if there is none.
func (s Albums) EndLink(ctx context.Context, user, id tintype.ID) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtSecretLinkEnd, id, user)
		if err == nil && n == 0 {
			err = &tintype.Error{Kind: tintype.NotFound, Msg: "this link does not exist"}
		}
		return err
	})
}

// LinkOpened counts an opening of a link.
func (s Albums) LinkOpened(ctx context.Context, id tintype.ID, now time.Time) error {
	return s.R.Home(id.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtSecretLinkOpened, now, id)
		return err
	})
}
