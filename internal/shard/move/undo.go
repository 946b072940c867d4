package move

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/tintype"
)

// clear takes away all that a move made before its fence.
func (t *task) clear(ctx context.Context) error {
	if err := t.unlink(ctx); err != nil {
		return err
	}
	t.at("clear: unlinked")
	schema := name(t.shard)
	mine, err := t.target.marked(ctx, schema)
	if err != nil {
		return failed(t.target, "looking for the schema", err)
	}
	if mine {
		if err := t.dropSchema(ctx, t.target, schema); err != nil {
			return err
		}
	}
	return nil
}

// unlink takes away subscription, slot and publication.
func (t *task) unlink(ctx context.Context) error {
	var n int
	if err := t.target.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() AND s.subname = $1",
		link(t.shard)).Scan(&n); err != nil {
		return failed(t.target, "looking for the subscription", err)
	}
	if n > 0 {
		// Without its slot a subscription goes at once, even if the source cannot be reached; the slot is dropped below.
		l := link(t.shard)
		if err := t.target.exec(ctx, "ALTER SUBSCRIPTION "+l+" DISABLE", "ALTER SUBSCRIPTION "+l+" SET (slot_name = NONE)", "DROP SUBSCRIPTION "+l); err != nil {
			return failed(t.target, "dropping the subscription", err)
		}
	}
	t.at("unlink: subscription")
	if err := t.dropSlot(ctx); err != nil {
		return err
	}
	return failed(t.source, "dropping the publication", t.source.exec(ctx, "DROP PUBLICATION IF EXISTS "+link(t.shard)))
}

// dropSlot drops the slot once nobody uses it any more: the sender of a
// subscription that is gone, or of a mover that died, notices a little later.
func (t *task) dropSlot(ctx context.Context) error {
	slot, err := t.source.slot(ctx, t.shard)
	if err != nil {
		return failed(t.source, "naming the slot", err)
	}
	const patience = 30 * time.Second
	for began := time.Now(); ; {
		_, err := t.source.db.ExecContext(ctx, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", slot)
		switch state := postgres.State(err); {
		case err == nil || state == "42704": // undefined_object: it went meanwhile
			return nil
		case state != "55006" || time.Since(began) > patience: // object_in_use
			return failed(t.source, "dropping the replication slot "+slot, err)
		}
		if _, err := t.source.db.ExecContext(ctx, "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL", slot); err != nil {
			return failed(t.source, "ending the sender of "+slot, err)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// dropSchema drops a schema without making readers that still are in it wait for long.
func (t *task) dropSchema(ctx context.Context, p *place, schema string) error {
	const tries = 60
	for try := 1; ; try++ {
		err := p.within(ctx, "SET LOCAL lock_timeout = '500ms'", "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
		if err == nil {
			return nil
		}
		if !lostRace(err) || try == tries {
			return failed(p, "dropping the schema "+schema, err)
		}
		if err := sleep(ctx, time.Second/2); err != nil {
			return err
		}
	}
}

// lostRace says that a lock was not to be had in time, or not without a deadlock.
func lostRace(err error) bool {
	switch postgres.State(err) {
	case "55P03", "40P01", "57014": // lock_not_available, deadlock_detected, query_canceled (its time-out)
		return true
	}
	return false
}

// within runs statements in one transaction.
func (p *place) within(ctx context.Context, statements ...string) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// unrename gives the source's schema its name back, if a fence took it.
func (t *task) unrename(ctx context.Context) error {
	gone, err := t.source.has(ctx, old(t.shard))
	if err != nil || !gone {
		return err
	}
	if there, err := t.source.has(ctx, name(t.shard)); err != nil {
		return err
	} else if there {
		return tintype.Errorf(tintype.Conflict, "database %s has both %s and %s: see what is in them, then drop the one that nobody needs", t.source.Name, name(t.shard), old(t.shard))
	}
	return t.source.exec(ctx, "ALTER SCHEMA "+old(t.shard)+" RENAME TO "+name(t.shard))
}
