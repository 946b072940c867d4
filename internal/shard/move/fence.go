package move

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

const (
	closeEnough     = 1 << 20                // bytes of WAL that the target may lag behind when the fence is tried
	fenceTries      = 100                    // before a move gives up for now
	lockPatience    = 300 * time.Millisecond // for all locks
	fencePatience   = 700 * time.Millisecond // for the target to catch up while writers wait
	connectPatience = 30 * time.Second       // for the target to begin to follow
)

// catchUp waits until the target is as good as up to date, and compares it with
// the source once, in a fence that is lifted again at once: what is wrong with
// the copy is better known while the source is still the home.
func (t *task) catchUp(ctx context.Context) error {
	if ok, err := t.linked(ctx); err != nil || !ok {
		if err == nil {
			err = t.enter(ctx, Copying) // a failover of the source does not take the slot along
		}
		return err
	}
	if err := t.near(ctx); err != nil {
		return err
	}
	t.tell("gathering statistics", 0, 0)
	var err error
	if t.tables, err = t.target.tables(ctx, name(t.shard)); err != nil {
		return failed(t.target, "listing the tables", err)
	}
	for _, tab := range t.tables {
		if err := t.target.exec(ctx, "ANALYZE "+name(t.shard)+"."+tab.name); err != nil {
			return failed(t.target, "gathering statistics", err)
		}
	}
	t.at("catch up: near")

	here, err := begin(ctx, t.source)
	if err != nil {
		return err
	}
	defer here.close()
	there, err := begin(ctx, t.target)
	if err != nil {
		return err
	}
	defer there.close()
	h, err := t.hold(ctx)
	if err != nil {
		return err
	}
	defer h.lift()
	t.at("catch up: held")
	err = here.pin(ctx)
	if err == nil {
		err = there.pin(ctx)
	}
	h.lift()
	if err != nil {
		return err
	}
	if _, err := t.compare(ctx, side{here, name(t.shard)}, side{there, name(t.shard)}); err != nil {
		return err
	}
	return t.enter(ctx, Fencing)
}

// linked says whether subscription and slot are there.
func (t *task) linked(ctx context.Context) (bool, error) {
	slot, err := t.source.slot(ctx, t.shard)
	if err != nil {
		return false, failed(t.source, "naming the slot", err)
	}
	var slots, subs int
	if err := t.source.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1 AND wal_status IS DISTINCT FROM 'lost'", slot).Scan(&slots); err != nil {
		return false, failed(t.source, "looking for the slot", err)
	}
	err = t.target.db.QueryRowContext(ctx, `SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
		WHERE d.datname = current_database() AND s.subname = $1 AND s.subenabled`, link(t.shard)).Scan(&subs)
	return slots > 0 && subs > 0, failed(t.target, "looking for the subscription", err)
}

// lag is how many bytes of WAL before lsn (the current end, if it is empty) the
// target has not replayed yet; following is false while it is not connected.
func (t *task) lag(ctx context.Context, slot, lsn string) (bytes int64, following bool, err error) {
	var n sql.NullInt64
	err = t.source.db.QueryRowContext(ctx, `SELECT pg_wal_lsn_diff(coalesce(nullif($2, '')::pg_lsn, pg_current_wal_lsn()), r.replay_lsn)::bigint
		FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $1`, slot, lsn).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n.Int64, n.Valid, err
}

// near waits until the target lags little behind.
func (t *task) near(ctx context.Context) error {
	slot, err := t.source.slot(ctx, t.shard)
	if err != nil {
		return failed(t.source, "naming the slot", err)
	}
	var most int64
	for lost := time.Now(); ; {
		lag, following, err := t.lag(ctx, slot, "")
		if err != nil {
			return failed(t.source, "asking how far "+t.target.Name+" is", err)
		}
		if following && lag < closeEnough {
			return nil
		}
		if following {
			lost = time.Now()
			most = max(most, lag)
			t.tell(fmt.Sprintf("%s is %.1f MB behind", t.target.Name, float64(lag)/(1<<20)), most-lag, most)
		} else if time.Since(lost) > connectPatience {
			return tintype.Errorf(tintype.Unavailable, "database %s does not follow %s: its server's log says why; then resume the move, or cancel it", t.target.Name, t.source.Name)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// held is the fence: a transaction of the source that keeps everybody from
// writing to the shard. When it is given the target has all that was written.
type held struct {
	tx            *sql.Tx
	asked, locked time.Time
	last          int64 // of the sequence
}

func (h *held) lift() { _ = h.tx.Rollback() } // it ends with its connection, if not by this

// hold tries until it has the fence. No try keeps writers waiting for long.
func (t *task) hold(ctx context.Context) (*held, error) {
	for try := 1; ; try++ {
		t.result.Fences++
		h, err := t.tryHold(ctx)
		if err == nil {
			return h, nil
		}
		if !lostRace(err) && !errors.Is(err, errBehind) || try == fenceTries {
			return nil, failed(t.source, "holding up the writes of the shard", err)
		}
		t.tell("waiting for a moment without long transactions", 0, 0)
		if err := sleep(ctx, time.Duration(100+rand.IntN(200*min(try, 10)))*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (t *task) tryHold(ctx context.Context) (_ *held, err error) {
	schema := name(t.shard)
	// Not ctx: beyond the point of no return nobody may interrupt it.
	tx, err := t.source.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, err
	}
	h := &held{tx: tx}
	defer func() {
		if err != nil {
			h.lift()
		}
	}()
	// After deadlock_timeout an autovacuum in our way is cancelled; by default that is a second, beyond our patience.
	if _, err := tx.ExecContext(ctx, "SELECT set_config('lock_timeout', '200ms', true), set_config('deadlock_timeout', '50ms', true)"); err != nil {
		return nil, err
	}
	h.asked = time.Now()
	if err := t.lockAll(ctx, tx, h.asked); err != nil {
		return nil, err
	}
	h.locked = time.Now()
	if err := t.caughtUp(ctx); err != nil {
		return nil, err
	}
	var called bool
	if err := tx.QueryRowContext(ctx, "SELECT last_value, is_called FROM "+schema+".id_seq").Scan(&h.last, &called); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, "SELECT set_config('statement_timeout', '5s', true)")
	return h, err
}

// waitingMints is more than all connections of a server can mint while they wait
// for one fence: 64 milliseconds' worth of IDs.
const waitingMints = 64 << 10

// sequence stands for the sequence among the tables to be locked.
const sequence = "id_seq"

// lockAll locks the sequence and the tables, one after the other. Writers lock
// several tables in an order of their own; whoever locks them in another one ends
// in deadlocks. So what could not be locked comes first the next time, until the
// order is theirs. No try takes longer than lockPatience.
func (t *task) lockAll(ctx context.Context, tx *sql.Tx, began time.Time) error {
	if len(t.order) != len(t.tables)+1 {
		t.order = []string{sequence}
		for _, tab := range t.tables {
			t.order = append(t.order, tab.name)
		}
	}
	for i, n := range t.order {
		lock := "LOCK TABLE " + name(t.shard) + "." + n + " IN SHARE ROW EXCLUSIVE MODE"
		if n == sequence {
			// That waits for whoever minted an ID and has not committed, and keeps others from minting. CACHE 1 is what it has.
			lock = "ALTER SEQUENCE " + name(t.shard) + "." + n + " CACHE 1"
		}
		_, err := tx.ExecContext(ctx, lock)
		if err == nil && time.Since(began) > lockPatience {
			err = errBehind
		}
		if err != nil {
			copy(t.order[1:i+1], t.order[:i])
			t.order[0] = n
			return err
		}
	}
	return nil
}

// errBehind is the error of a fence that took too long; it is tried again.
var errBehind = errors.New("the locks or the target's last changes were not to be had in time")

// caughtUp waits until the target has everything that was committed.
func (t *task) caughtUp(ctx context.Context) error {
	slot, err := t.source.slot(ctx, t.shard)
	if err != nil {
		return err
	}
	// A transaction with something in it, so that all WAL before it is flushed and sent.
	var lsn string
	if err := t.source.db.QueryRowContext(ctx, "SELECT pg_logical_emit_message(true, 'tintype', 'fence')::text").Scan(&lsn); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < fencePatience; {
		lag, following, err := t.lag(ctx, slot, lsn)
		if err != nil {
			return err
		}
		if following && lag <= 0 {
			return nil
		}
		if err := sleep(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	return errBehind
}

// fence holds up the writes, takes the source's schema out of the way and changes the map.
func (t *task) fence(ctx context.Context) error {
	schema := name(t.shard)
	renamed, err := t.source.has(ctx, old(t.shard))
	if err != nil {
		return failed(t.source, "looking for the schema", err)
	}
	var h *held
	if !renamed {
		if ok, err := t.linked(ctx); err != nil || !ok {
			if err == nil {
				err = t.enter(ctx, Copying)
			}
			return err
		}
		if h, err = t.rename(ctx); err != nil {
			return err
		}
	}
	t.at("fence: renamed")
	// The shard has no home until the map is changed: nothing may interrupt that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := t.target.exec(ctx, "CREATE OR REPLACE FUNCTION "+schema+"."+gate+"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"); err != nil {
		return stranded(t, failed(t.target, "opening the copy", err))
	}
	t.at("fence: opened")
	if err := t.flip(ctx); err != nil {
		return stranded(t, failed(t.directory(), "changing the map", err))
	}
	if h != nil {
		t.result.Pause, t.result.Locked = time.Since(h.locked), time.Since(h.asked)
	}
	t.at("fence: flipped")
	return nil
}

// stranded says what must be known of a shard without a home.
func stranded(t *task, err error) error {
	return tintype.Errorf(tintype.Unavailable, "shard %d cannot be reached by anybody until its move goes on (tintype shard move %d --resume) or is undone (--cancel): %w", t.shard, t.shard, err)
}

// rename is the fence up to the point of no return, and that.
func (t *task) rename(ctx context.Context) (*held, error) {
	schema := name(t.shard)
	tables, err := t.source.tables(ctx, schema)
	if err != nil {
		return nil, failed(t.source, "listing the tables", err)
	}
	theirs, err := t.target.tables(ctx, schema)
	if err == nil {
		err = sameShape(tables, theirs) // somebody may have migrated one of them meanwhile
	}
	if err != nil {
		return nil, failed(t.target, "listing the tables", err)
	}
	t.tables = tables
	if err := t.near(ctx); err != nil {
		return nil, err
	}
	if err := t.replicasFollow(ctx); err != nil {
		return nil, err
	}
	t.tell("changing homes", 0, 0)
	if t.before, err = begin(ctx, t.target); err != nil {
		return nil, err
	}
	h, err := t.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer h.lift() // does nothing after the commit
	t.at("fence: held")
	if err := t.before.pin(ctx); err != nil {
		return nil, err
	}
	// Whoever waits there to mint an ID, and writes nothing with it, still gets one of the tickets that
	// follow: this side begins above all that so many could take. The commit of this also flushes what
	// replication applied before it.
	if _, err := t.target.db.ExecContext(ctx, "SELECT setval('"+schema+".id_seq', greatest($1, last_value)) FROM "+schema+".id_seq", h.last+waitingMints); err != nil {
		return nil, failed(t.target, "carrying the sequence over", err)
	}
	t.at("fence: sequence")
	if _, err := h.tx.ExecContext(context.WithoutCancel(ctx), "ALTER SCHEMA "+schema+" RENAME TO "+old(t.shard)); err != nil {
		return nil, failed(t.source, "renaming the schema", err)
	}
	if err := h.tx.Commit(); err != nil {
		return nil, stranded(t, failed(t.source, "renaming the schema (it may be done or not)", err))
	}
	return h, nil
}

// replicasFollow waits until the streaming replicas of the target have the copy,
// for reads that may be a moment old go to them as soon as the map changes, and
// of a shard that is not there yet they would find nothing. One that does not get
// there in time is too far behind for anybody to ask it.
func (t *task) replicasFollow(ctx context.Context) error {
	const patience = 30 * time.Second
	var lsn string
	if err := t.target.db.QueryRowContext(ctx, "SELECT pg_current_wal_lsn()::text").Scan(&lsn); err != nil {
		return failed(t.target, "asking for its position", err)
	}
	for began := time.Now(); time.Since(began) < patience; {
		var behind int
		if err := t.target.db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
			WHERE r.state = 'streaming' AND s.slot_type IS DISTINCT FROM 'logical' AND r.replay_lsn < $1::text::pg_lsn`, lsn).Scan(&behind); err != nil {
			return failed(t.target, "asking how far its replicas are", err)
		}
		if behind == 0 {
			return nil
		}
		t.tell("waiting for the replicas of "+t.target.Name, 0, 0)
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// flip makes the target the home.
func (t *task) flip(ctx context.Context) error {
	tx, err := t.lock.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, "UPDATE directory.shard_map SET database_name = $1 WHERE shard = $2 AND database_name = $3", t.target.Name, int64(t.shard), t.source.Name)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return tintype.Errorf(tintype.Conflict, "the map says no longer that shard %d is on %s", t.shard, t.source.Name)
	}
	now := t.now()
	if _, err := tx.ExecContext(ctx, "UPDATE directory.shard_moves SET state = $1, note = '', changed = $2, flipped = $2 WHERE id = $3", string(Verifying), now, t.id); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	t.state = Verifying
	return nil
}
