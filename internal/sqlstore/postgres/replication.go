package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tintype/tintype/internal/tintype"
)

// Node is one PostgreSQL server of a database: its primary, or a standby.
type Node struct {
	Addr     string `json:"addr"`            // host:port
	Name     string `json:"name,omitempty"`  // its cluster_name
	Error    string `json:"error,omitempty"` // why nothing is known; the rest is empty then
	Primary  bool   `json:"primary"`
	Timeline int64  `json:"timeline"` // how often a standby was promoted since the beginning
	LSN      string `json:"lsn"`      // written by a primary, replayed by a standby

	// Of a primary.
	Sync     string    `json:"synchronous_standby_names,omitempty"` // "": what is acknowledged is here alone
	Standbys []Standby `json:"standbys,omitempty"`
	Slots    []Slot    `json:"slots,omitempty"`
	// Of a standby: it receives from a primary, and how old its newest transaction is, in seconds. That grows on a
	// primary at rest, too.
	Receiving bool    `json:"receiving,omitempty"`
	Age       float64 `json:"age,omitempty"`
}

// Standby is what a primary knows of one that follows it.
type Standby struct {
	Name   string `json:"name"`
	State  string `json:"state"`      // "streaming", or on the way there
	Sync   string `json:"sync_state"` // "sync": acknowledged writes are there; "async", "potential"
	Behind int64  `json:"behind"`     // bytes not replayed yet
}

// Slot is a replication slot. The logical ones belong to moves of shards; they do not survive a failover.
type Slot struct {
	Name    string `json:"name"`
	Logical bool   `json:"logical"`
	Active  bool   `json:"active"`
	Kept    int64  `json:"kept"` // bytes of WAL that it keeps from being removed
}

// Witness is what the witness of a database says: who its primary is, and whether that goes on alone, in which
// case no standby has all that was acknowledged.
type Witness struct {
	Node    string    `json:"node"`
	Alone   bool      `json:"alone"`
	Epoch   int64     `json:"epoch"`
	Changed time.Time `json:"changed"`
}

// nodes gives a configuration for each host of an address that may name several.
func nodes(dsn string) ([]*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, &tintype.Error{Kind: tintype.Invalid, Msg: "the PostgreSQL address cannot be read", Err: err}
	}
	cfg.ConnectTimeout = dialFor
	cfg.ValidateConnect = nil // any node
	cfg.RuntimeParams["statement_timeout"] = "10s"
	out := []*pgx.ConnConfig{cfg}
	seen := map[string]bool{hostPort(cfg): true}
	for _, f := range cfg.Fallbacks {
		one := cfg.Copy()
		one.Host, one.Port, one.TLSConfig = f.Host, f.Port, f.TLSConfig
		if !seen[hostPort(one)] { // an address is there once for each way of TLS
			seen[hostPort(one)] = true
			out = append(out, one)
		}
	}
	for _, c := range out {
		c.Fallbacks = nil
	}
	return out, nil
}

func hostPort(c *pgx.ConnConfig) string { return net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) }

// Nodes asks each host of an address how it stands, all at once. One that does not answer says so in its Error.
func Nodes(ctx context.Context, dsn string) ([]Node, error) {
	cfgs, err := nodes(dsn)
	if err != nil {
		return nil, err
	}
	out := make([]Node, len(cfgs))
	var wait sync.WaitGroup
	for i, cfg := range cfgs {
		wait.Go(func() {
			out[i].Addr = hostPort(cfg)
			if err := out[i].ask(ctx, cfg); err != nil {
				out[i] = Node{Addr: out[i].Addr, Error: err.Error()}
			}
		})
	}
	wait.Wait()
	return out, nil
}

func (n *Node) ask(ctx context.Context, cfg *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(ctx, `
SELECT current_setting('cluster_name'), NOT r, current_setting('synchronous_standby_names'),
	CASE WHEN r THEN (SELECT timeline_id FROM pg_control_checkpoint()) ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
	coalesce(CASE WHEN r THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text, ''),
	EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'),
	coalesce(extract(epoch FROM clock_timestamp() - CASE WHEN r THEN pg_last_xact_replay_timestamp() END), 0)::float8
FROM pg_is_in_recovery() r`).Scan(&n.Name, &n.Primary, &n.Sync, &n.Timeline, &n.LSN, &n.Receiving, &n.Age)
	if err != nil || !n.Primary {
		return err
	}
	rows, err := conn.Query(ctx, `SELECT application_name, coalesce(state, ''), coalesce(sync_state, ''), coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint
FROM pg_stat_replication ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	if n.Standbys, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Standby]); err != nil {
		return err
	}
	rows, err = conn.Query(ctx, `SELECT slot_name, slot_type = 'logical', active, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint
FROM pg_replication_slots ORDER BY 1`)
	if err != nil {
		return err
	}
	n.Slots, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Slot])
	return err
}

// onWitness connects to the database repmgr of the server at an address, where the row about another database is.
func onWitness(ctx context.Context, dsn string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, &tintype.Error{Kind: tintype.Invalid, Msg: "the PostgreSQL address of the witness cannot be read", Err: err}
	}
	cfg.Database, cfg.ConnectTimeout = "repmgr", dialFor
	return pgx.ConnectConfig(ctx, cfg)
}

// AskWitness gives what the server at an address, another database's, says about a database. NotFound if nothing.
func AskWitness(ctx context.Context, dsn, database string) (Witness, error) {
	var w Witness
	conn, err := onWitness(ctx, dsn)
	if err != nil {
		return w, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var changed int64
	err = conn.QueryRow(ctx, "SELECT node, state = 'alone', epoch, changed FROM tintype_witness WHERE cluster = $1", database).Scan(&w.Node, &w.Alone, &w.Epoch, &changed)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, &tintype.Error{Kind: tintype.NotFound, Msg: "the witness knows no database called " + database}
	}
	w.Changed = time.Unix(changed, 0)
	return w, err
}

// Promote makes the standby of a database its primary, and gives the standby's name. The witness, the address of
// another database or "", must agree, as for a failover that happens by itself; with loseWrites it is told, and may
// be down. The old primary can acknowledge nothing from then on; deploy/repmgr/node stops it if it lives, and
// brings PgBouncer to the new one. Conflict if there is no standby to promote, or the witness says no.
func Promote(ctx context.Context, dsn, witness, database string, loseWrites bool) (name string, err error) {
	list, err := Nodes(ctx, dsn)
	if err != nil {
		return "", err
	}
	cfgs, err := nodes(dsn)
	if err != nil {
		return "", err
	}
	at := -1
	for i, n := range list {
		if n.Error == "" && !n.Primary {
			at = i
		}
	}
	if at < 0 {
		return "", &tintype.Error{Kind: tintype.Conflict, Msg: "no standby of this database answers"}
	}
	name = list[at].Name
	if witness != "" {
		if err := claim(ctx, witness, database, name, loseWrites); err != nil && (!loseWrites || !tintype.IsKind(err, tintype.Unavailable)) {
			return "", err
		}
	}
	conn, err := pgx.ConnectConfig(ctx, cfgs[at])
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range []string{"SET statement_timeout = '2min'", "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	var done bool
	if err := conn.QueryRow(ctx, "SELECT pg_promote(true, 90)").Scan(&done); err != nil {
		return "", err
	}
	if !done {
		return "", fmt.Errorf("%s was told, but is not a primary after 90 seconds", name)
	}
	return name, nil
}

// claim has the witness agree that a node becomes the primary.
func claim(ctx context.Context, dsn, database, node string, loseWrites bool) error {
	conn, err := onWitness(ctx, dsn)
	if err != nil {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the witness does not answer, so nobody can say whether this standby has all writes; --lose-writes promotes it all the same", Err: err}
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tag, err := conn.Exec(ctx, `UPDATE tintype_witness SET node = $2, state = 'alone', epoch = epoch + 1, changed = extract(epoch FROM clock_timestamp())::bigint
WHERE cluster = $1 AND (state = 'sync' OR node = $2 OR $3)`, database, node, loseWrites)
	if err != nil {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the witness could not write down who the primary is", Err: err}
	}
	if tag.RowsAffected() != 1 {
		return &tintype.Error{Kind: tintype.Conflict, Msg: "the primary went on without this standby, which therefore lacks writes that were acknowledged: start the primary again; --lose-writes promotes the standby all the same"}
	}
	return nil
}
