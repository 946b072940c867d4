package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Passkeys keeps public keys that users sign in with, and what they are challenged with, in the directory.
type Passkeys struct{ R Router }

var (
	stmtPasskeyAdd = &Stmt{Name: "passkeys.add", SQL: `
		INSERT INTO {s}passkeys (credential_id, user_id, name, record, created, used) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (credential_id) DO NOTHING`}
	stmtPasskeyList = &Stmt{Name: "passkeys.list", SQL: `
		SELECT credential_id, user_id, name, record, created, used FROM {s}passkeys WHERE user_id = $1 ORDER BY created, credential_id`}
	stmtPasskeyUsed = &Stmt{Name: "passkeys.used", SQL: `
		UPDATE {s}passkeys SET record = $1, used = $2 WHERE credential_id = $3 AND user_id = $4`}
	stmtPasskeyRename = &Stmt{Name: "passkeys.rename", SQL: `UPDATE {s}passkeys SET name = $1 WHERE credential_id = $2 AND user_id = $3`}
	stmtPasskeyRemove = &Stmt{Name: "passkeys.remove", SQL: `DELETE FROM {s}passkeys WHERE credential_id = $1 AND user_id = $2`}
	stmtPasskeysDrop  = &Stmt{Name: "passkeys.drop", SQL: `DELETE FROM {s}passkeys WHERE user_id = $1`}

	stmtChallengePut = &Stmt{Name: "challenges.put", SQL: `
		INSERT INTO {s}challenges (id_hash, kind, user_id, session, data, expires) VALUES ($1, $2, $3, $4, $5, $6)`}
	stmtChallengeGet = &Stmt{Name: "challenges.get", SQL: `
		SELECT kind, user_id, session, data, expires FROM {s}challenges WHERE id_hash = $1`}
	stmtChallengeTake = &Stmt{Name: "challenges.take", SQL: `
		DELETE FROM {s}challenges WHERE id_hash = $1 RETURNING kind, user_id, session, data, expires`}
	stmtChallengesOld = &Stmt{Name: "challenges.old", SQL: `DELETE FROM {s}challenges WHERE expires <= $1`}
)

// MaxPasskeys is how many passkeys a user may have.
const MaxPasskeys = 20

var errNoPasskey = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such passkey"}

// Passkeys gives a user's passkeys, the oldest first.
func (s Passkeys) Passkeys(ctx context.Context, user tintype.ID) ([]tintype.Passkey, error) {
	return readPasskeys(ctx, s.R.Directory(), user)
}

func readPasskeys(ctx context.Context, q Querier, user tintype.ID) (out []tintype.Passkey, err error) {
	err = q.Query(ctx, stmtPasskeyList, func(scan Scan) error {
		var p tintype.Passkey
		var created, used int64
		if err := scan(&p.ID, &p.UserID, &p.Name, &p.Record, &created, &used); err != nil {
			return err
		}
		p.Created, p.Used = FromMicros(created), FromMicros(used)
		out = append(out, p)
		return nil
	}, user)
	return out, err
}

// AddPasskey keeps a new one, and has the user told. Conflict if it is there already, or the user has MaxPasskeys.
func (s Passkeys) AddPasskey(ctx context.Context, p tintype.Passkey, by job.Mail) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := exactlyOne(tx.Exec(ctx, stmtAccountLock, p.UserID)); err != nil {
			return err
		}
		have, err := readPasskeys(ctx, tx, p.UserID)
		if err != nil {
			return err
		}
		if len(have) >= MaxPasskeys {
			return tintype.Errorf(tintype.Conflict, "there can be %d passkeys: please remove one first", MaxPasskeys)
		}
		n, err := tx.Exec(ctx, stmtPasskeyAdd, p.ID, p.UserID, p.Name, p.Record, p.Created)
		if err != nil {
			return err
		}
		if n == 0 {
			return tintype.Errorf(tintype.Conflict, "that passkey is registered already")
		}
		by.Letter, by.User = job.LetterPasskey, p.UserID
		return tell(ctx, tx, by, p.Created)
	})
}

// UsePasskey keeps what has changed of a passkey when it was used.
func (s Passkeys) UsePasskey(ctx context.Context, p tintype.Passkey) error {
	return s.changePasskey(ctx, stmtPasskeyUsed, p.Record, p.Used, p.ID, p.UserID)
}

// RenamePasskey gives a user's passkey another name; NotFound if there is none.
func (s Passkeys) RenamePasskey(ctx context.Context, user tintype.ID, id []byte, name string) error {
	return s.changePasskey(ctx, stmtPasskeyRename, name, id, user)
}

// RemovePasskey takes a user's passkey away; NotFound if there is none.
func (s Passkeys) RemovePasskey(ctx context.Context, user tintype.ID, id []byte) error {
	return s.changePasskey(ctx, stmtPasskeyRemove, id, user)
}

func (s Passkeys) changePasskey(ctx context.Context, st *Stmt, args ...any) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, st, args...)
		if err == nil && n == 0 {
			err = errNoPasskey
		}
		return err
	})
}

// PutChallenge keeps a challenge.
func (s Passkeys) PutChallenge(ctx context.Context, c tintype.Challenge) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtChallengePut, c.Hash, c.Kind, c.UserID, c.Session, c.Data, c.Expires)
		return err
	})
}

// Challenge gives a challenge, which stays; nil if there is none that is still good.
func (s Passkeys) Challenge(ctx context.Context, hash []byte, now time.Time) (*tintype.Challenge, error) {
	return readChallenge(ctx, s.R.Directory(), stmtChallengeGet, hash, now)
}

// TakeChallenge gives a challenge, once; nil if there is none that is still good.
func (s Passkeys) TakeChallenge(ctx context.Context, hash []byte, now time.Time) (out *tintype.Challenge, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		out, err = readChallenge(ctx, tx, stmtChallengeTake, hash, now)
		return err
	})
	return out, err
}

func readChallenge(ctx context.Context, q Querier, st *Stmt, hash []byte, now time.Time) (*tintype.Challenge, error) {
	c := &tintype.Challenge{Hash: hash}
	var expires int64
	found, err := q.QueryRow(ctx, st, []any{&c.Kind, &c.UserID, &c.Session, &c.Data, &expires}, hash)
	if c.Expires = FromMicros(expires); err != nil || !found || !now.Before(c.Expires) {
		return nil, err
	}
	return c, nil
}

// SweepChallenges deletes those that expired before an instant.
func (s Passkeys) SweepChallenges(ctx context.Context, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtChallengesOld, now)
		return err
	})
}
