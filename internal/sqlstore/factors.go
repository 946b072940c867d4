package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Factors keeps second factors and recovery codes, in the directory.
type Factors struct{ R Router }

var (
	stmtFactorGet = &Stmt{Name: "factors.get", SQL: `
		SELECT secret, since, (SELECT count(*) FROM {s}recovery_codes c WHERE c.user_id = f.user_id)
		FROM {s}second_factors f WHERE user_id = $1`}
	stmtFactorBegin = &Stmt{Name: "factors.begin", SQL: `
		INSERT INTO {s}second_factors (user_id, secret, since, step) VALUES ($1, $2, 0, 0)
		ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret WHERE second_factors.since = 0`}
	stmtFactorEnforce = &Stmt{Name: "factors.enforce", SQL: `
		UPDATE {s}second_factors SET since = $1, step = $2 WHERE user_id = $3 AND secret = $4 AND since = 0`}
	stmtFactorStep = &Stmt{Name: "factors.step", SQL: `
		UPDATE {s}second_factors SET step = $1 WHERE user_id = $2 AND since <> 0 AND step < $1`}
	// Takes the row's lock where several transactions run at once.
	stmtFactorLock = &Stmt{Name: "factors.lock", SQL: `
		UPDATE {s}second_factors SET step = step WHERE user_id = $1 AND since <> 0`}
	stmtFactorEnd     = &Stmt{Name: "factors.end", SQL: `DELETE FROM {s}second_factors WHERE user_id = $1 RETURNING since`}
	stmtFactorDrop    = &Stmt{Name: "factors.drop", SQL: `DELETE FROM {s}second_factors WHERE user_id = $1`}
	stmtRecoveryAdd   = &Stmt{Name: "factors.add_recovery", SQL: `INSERT INTO {s}recovery_codes (user_id, code_hash) VALUES ($1, $2)`}
	stmtRecoverySpend = &Stmt{Name: "factors.spend_recovery", SQL: `DELETE FROM {s}recovery_codes WHERE user_id = $1 AND code_hash = $2`}
	stmtRecoveryDrop  = &Stmt{Name: "factors.drop_recovery", SQL: `DELETE FROM {s}recovery_codes WHERE user_id = $1`}
)

var errFactorOn = &tintype.Error{Kind: tintype.Conflict, Msg: "signing in with two factors is switched on already"}

// Factor gives a user's second factor, nil if none was begun.
func (s Factors) Factor(ctx context.Context, user tintype.ID) (*tintype.SecondFactor, error) {
	f := &tintype.SecondFactor{UserID: user}
	var since int64
	found, err := s.R.Directory().QueryRow(ctx, stmtFactorGet, []any{&f.Secret, &since, &f.Recovery}, user)
	if err != nil || !found {
		return nil, err
	}
	f.Since = FromMicros(since)
	return f, nil
}

// BeginFactor keeps a secret that is not asked for yet, instead of any other such. Conflict if a factor is in force.
func (s Factors) BeginFactor(ctx context.Context, user tintype.ID, secret string) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtFactorBegin, user, secret)
		if err == nil && n == 0 {
			err = errFactorOn
		}
		return err
	})
}

// EnforceFactor brings a secret that was begun into force; step is the one whose code showed that the user has it, and
// recovery are the hashes of the codes that may stand in. Conflict if another secret was begun meanwhile, or one is in force.
func (s Factors) EnforceFactor(ctx context.Context, user tintype.ID, secret string, step int64, recovery [][]byte, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtFactorEnforce, now, step, user, secret)
		if err != nil {
			return err
		}
		if n == 0 {
			return errFactorOn
		}
		return setRecovery(ctx, tx, user, recovery)
	})
}

// SetRecovery replaces the recovery codes of a factor that is in force; NotFound if none is.
func (s Factors) SetRecovery(ctx context.Context, user tintype.ID, recovery [][]byte) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := exactlyOne(tx.Exec(ctx, stmtFactorLock, user)); err != nil {
			return err
		}
		return setRecovery(ctx, tx, user, recovery)
	})
}

func setRecovery(ctx context.Context, tx *Tx, user tintype.ID, recovery [][]byte) error {
	if _, err := tx.Exec(ctx, stmtRecoveryDrop, user); err != nil {
		return err
	}
	for _, hash := range recovery {
		if _, err := tx.Exec(ctx, stmtRecoveryAdd, user, hash); err != nil {
			return err
		}
	}
	return nil
}

// SpendCode uses up a recovery code, or, where recovery is nil, the code of a time step and of all before
// it; ok is false if that was done before.
func (s Factors) SpendCode(ctx context.Context, user tintype.ID, step int64, recovery []byte) (ok bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		var n int64
		var err error
		if recovery != nil {
			n, err = tx.Exec(ctx, stmtRecoverySpend, user, recovery)
		} else {
			n, err = tx.Exec(ctx, stmtFactorStep, step, user)
		}
		ok = n == 1
		return err
	})
	return ok, err
}

// EndFactor takes a user's second factor away, with the recovery codes, and has the user told; ended is false if none was in force.
func (s Factors) EndFactor(ctx context.Context, user tintype.ID, by job.Mail, now time.Time) (ended bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		var since int64
		if _, err := tx.QueryRow(ctx, stmtFactorEnd, []any{&since}, user); err != nil {
			return err
		}
		if ended = since != 0; ended {
			by.Letter, by.User = job.LetterOneStep, user
			if err := tell(ctx, tx, by, now); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, stmtRecoveryDrop, user)
		return err
	})
	return ended, err
}
