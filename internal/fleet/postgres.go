package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tintype/tintype/deploy"
	"github.com/tintype/tintype/internal/services"
)

// cluster is one database: two PostgreSQL servers, of which one is the primary.
type cluster struct {
	name  string // as in fleet.toml
	nodes [2]*node
	other *cluster // where its witness is
}

// node is one PostgreSQL server with its repmgrd.
type node struct {
	f       *Fleet
	cluster *cluster
	peer    *node
	id      int    // for repmgr
	name    string // of the server's member, for repmgr and as a standby
	server  *member
	watch   *member
	primary atomic.Bool // as it was last seen
}

// databaseNames are the databases of a fleet; the first holds the directory.
func databaseNames() []string { return []string{"a", "b"} }

func (f *Fleet) startDatabases(ctx context.Context) error {
	var err error
	if f.bin, err = findPostgres(); err != nil {
		return err
	}
	for _, name := range poolerNames() { // the nodes are told where they will be
		if _, err := f.port(name); err != nil {
			return err
		}
	}
	for i, name := range databaseNames() {
		c := &cluster{name: name}
		for j := range c.nodes {
			if c.nodes[j], err = f.addNode(c, 2*i+j+1); err != nil {
				return err
			}
		}
		c.nodes[0].peer, c.nodes[1].peer = c.nodes[1], c.nodes[0]
		f.clusters = append(f.clusters, c)
	}
	f.clusters[0].other, f.clusters[1].other = f.clusters[1], f.clusters[0]
	if err := f.writeNodeFiles(); err != nil {
		return err
	}
	servers := "two servers"
	if f.cfg.Alone {
		servers = "one server"
	}
	f.say("starting PostgreSQL: two databases of %s each", servers)
	// All primaries before any replica: they are each other's witnesses.
	err = parallel(func() error { return f.clusters[0].startPrimary(ctx) }, func() error { return f.clusters[1].startPrimary(ctx) })
	if err != nil || f.cfg.Alone {
		return err
	}
	err = parallel(func() error { return f.clusters[0].startReplica(ctx) }, func() error { return f.clusters[1].startReplica(ctx) })
	if err != nil {
		return err
	}
	return nil
}

// startWatches starts the repmgrd of each node, once all that they might have to tell of a failover is there.
func (f *Fleet) startWatches(ctx context.Context) error {
	if f.cfg.Alone {
		return nil
	}
	for _, c := range f.clusters {
		for _, n := range c.nodes {
			var err error
			if n.watch, err = f.addWatch(n); err != nil {
				return err
			}
			if err := n.watch.start(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// findPostgres gives the directory of the newest PostgreSQL that has repmgr.
func findPostgres() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/repmgrd")
	if err != nil {
		return "", err
	}
	newest, at := 0, ""
	for _, p := range found {
		dir := filepath.Dir(p)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > newest {
			newest, at = v, dir
		}
	}
	if at == "" {
		return "", errors.New("PostgreSQL with repmgr is not installed (run: scripts/setup fleet)")
	}
	return at, nil
}

func (f *Fleet) addNode(c *cluster, id int) (*node, error) {
	n := &node{f: f, cluster: c, id: id, name: fmt.Sprintf("pg-%s%d", c.name, (id-1)%2+1)}
	m, err := f.add(n.name, rolePrimary, services.Spec{
		Program: filepath.Join(f.bin, "postgres"), Users: []string{"postgres", "nobody"}, Stop: syscall.SIGINT, // its fast shutdown
		Env:  []string{"PGPASSFILE=" + filepath.Join(f.cfg.Dir, n.name, "pgpass")}, // for its own replication
		Args: func(s *services.Server) []string { return []string{"-c", "config_file=" + s.Path("postgresql.conf")} },
		Ready: func(ctx context.Context, s *services.Server) error {
			return s.Command(ctx, filepath.Join(f.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Spec.Port)).Run()
		},
	}, nil)
	if err != nil {
		return nil, err
	}
	m.current = func() string {
		if n.primary.Load() {
			return rolePrimary
		}
		return roleReplica
	}
	m.kept = true // as systemd would; guard decides as what
	n.server = m
	return n, nil
}

func (n *node) data() string { return n.server.Path("data") }

// conninfo is how the database repmgr of the node is reached. The password is in pgpass, which PGPASSFILE names.
func (n *node) conninfo() string {
	return fmt.Sprintf("host=127.0.0.1 port=%d user=repmgr dbname=repmgr connect_timeout=2", n.server.Spec.Port)
}

// primaryInfo reaches whichever of a cluster's nodes is the primary.
func (c *cluster) primaryInfo() string {
	return fmt.Sprintf("host=127.0.0.1,127.0.0.1 port=%d,%d user=repmgr dbname=repmgr connect_timeout=2 target_session_attrs=read-write",
		c.nodes[0].server.Spec.Port, c.nodes[1].server.Spec.Port)
}

// bouncerLine is the line of PgBouncer for a database, without the host: with the limits of time that a site sets
// itself where it speaks to PostgreSQL directly.
func (c *cluster) bouncerLine() string {
	return c.name + " = dbname=tintype connect_query='SET statement_timeout=30000; SET lock_timeout=2500; SET idle_in_transaction_session_timeout=10000'"
}

// writeNodeFiles writes what PostgreSQL and repmgr of each node read, beside the data.
func (f *Fleet) writeNodeFiles() error {
	settings, err := deploy.Files.ReadFile("postgresql/tintype.conf")
	if err != nil {
		return err
	}
	repmgr, err := deploy.Files.ReadFile("repmgr/repmgr.conf")
	if err != nil {
		return err
	}
	script, err := deploy.Files.ReadFile("repmgr/node")
	if err != nil {
		return err
	}
	for _, c := range f.clusters {
		for _, n := range c.nodes {
			s := n.server
			own := lines(
				"listen_addresses = '127.0.0.1'",
				fmt.Sprintf("port = %d", s.Spec.Port),
				"cluster_name = '"+n.name+"'",
				"unix_socket_directories = ''",
				"data_directory = '"+n.data()+"'",
				"hba_file = '"+s.Path("pg_hba.conf")+"'",
				"ident_file = '"+s.Path("pg_ident.conf")+"'",
				// Half a machine, with everything else on it.
				"shared_buffers = '128MB'", "max_wal_size = '1GB'", "checkpoint_completion_target = 0.9", "autovacuum_max_workers = 2")
			fill := strings.NewReplacer("<ID>", strconv.Itoa(n.id), "<NODE>", n.name, "<CONNINFO>", n.conninfo(), "<DATA>", n.data(), "<PGBIN>", f.bin, "<SCRIPT>", s.Path("node"))
			err := errors.Join(
				s.Write("postgresql.conf", string(settings)+own),
				s.Write("pg_hba.conf", "host all all 127.0.0.1/32 scram-sha-256\nhost replication repmgr 127.0.0.1/32 scram-sha-256\n"),
				s.Write("pg_ident.conf", ""),
				s.Write("pgpass", "*:*:*:*:"+f.state.Password+"\n"),
				s.Write("repmgr.conf", fill.Replace(string(repmgr))),
				s.Write("node", string(script)),
				os.Chmod(s.Path("node"), 0o700))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// environment is what deploy/repmgr/node and repmgr of a node are told.
func (n *node) environment() []string {
	f := n.f
	var bouncers []string
	for _, name := range poolerNames() {
		bouncers = append(bouncers, fmt.Sprintf("%s|host=127.0.0.1 port=%d user=repmgr dbname=pgbouncer connect_timeout=2",
			filepath.Join(f.cfg.Dir, name, n.cluster.name+".ini"), f.state.Ports[name]))
	}
	return []string{
		"NODE=" + n.name, "PEER=" + n.peer.name, "CLUSTER=" + n.cluster.name,
		"LOCAL=" + n.conninfo(), "PEER_DSN=" + n.peer.conninfo(), "WITNESS=" + n.cluster.other.primaryInfo(),
		"DATA=" + n.data(), "PGBIN=" + f.bin, "CONF=" + n.server.Path("repmgr.conf"), "PGCONFIG=" + n.server.Path("postgresql.conf"),
		fmt.Sprintf("HOSTPORT=host=127.0.0.1 port=%d", n.server.Spec.Port),
		"BOUNCERS=" + strings.Join(bouncers, ";"), "BOUNCER_LINE=" + n.cluster.bouncerLine(),
		"PGPASSFILE=" + n.server.Path("pgpass"),
	}
}

// run runs one of PostgreSQL's programs, or the node's script, as the node's user. It gives what was said.
func (n *node) run(ctx context.Context, program string, args ...string) (string, error) {
	cmd := n.server.Command(ctx, program, args...)
	cmd.Env = append(cmd.Env, n.environment()...)
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(program), strings.Join(args, " "), err, bytes.TrimSpace(append(errs.Bytes(), out.Bytes()...)))
	}
	return strings.TrimSpace(out.String()), nil
}

func (n *node) sql(ctx context.Context, dsn, statement string) (string, error) {
	return n.run(ctx, filepath.Join(n.f.bin, "psql"), "-XAtqw", "-v", "ON_ERROR_STOP=1", dsn, "-c", statement)
}

// script runs a command of deploy/repmgr/node.
func (n *node) script(ctx context.Context, command string) error {
	_, err := n.run(ctx, n.server.Path("node"), command)
	return err
}

// timeline is how often the history of the node's data was begun anew; 0 for no data.
func (n *node) timeline(ctx context.Context) int {
	out, err := n.run(ctx, filepath.Join(n.f.bin, "pg_controldata"), "-D", n.data())
	if err != nil {
		return 0
	}
	for l := range strings.Lines(out) {
		if v, ok := strings.CutPrefix(l, "Latest checkpoint's TimeLineID:"); ok {
			t, _ := strconv.Atoi(strings.TrimSpace(v)) // 0 for what cannot be read
			return t
		}
	}
	return 0
}

// wasStandby tells whether the node's data are a standby's.
func (n *node) wasStandby() bool {
	_, err := os.Stat(filepath.Join(n.data(), "standby.signal"))
	return err == nil
}

// startPrimary starts the node that was the primary last, while no other runs; nobody can be mistaken then.
func (c *cluster) startPrimary(ctx context.Context) error {
	first := c.nodes[0]
	if second := c.nodes[1]; !second.wasStandby() && second.timeline(ctx) > first.timeline(ctx) || first.wasStandby() && second.timeline(ctx) > 0 {
		first = second
	}
	fresh := first.timeline(ctx) == 0
	if fresh {
		if err := first.initialise(ctx); err != nil {
			return err
		}
	}
	if err := first.server.start(ctx); err != nil {
		return err
	}
	first.primary.Store(true)
	if fresh {
		for _, statement := range []string{
			"CREATE ROLE tintype SUPERUSER LOGIN PASSWORD '" + c.nodes[0].f.state.Password + "'", // moves of shards make subscriptions
			"CREATE ROLE repmgr SUPERUSER REPLICATION LOGIN PASSWORD '" + c.nodes[0].f.state.Password + "'",
			"CREATE DATABASE tintype OWNER tintype",
			"CREATE DATABASE repmgr OWNER repmgr",
		} {
			dsn := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres", first.server.Spec.Port)
			if _, err := first.sql(ctx, dsn, statement); err != nil {
				return err
			}
		}
	}
	if err := first.prepareWitness(ctx); err != nil {
		return err
	}
	return first.script(ctx, "register")
}

// prepareWitness makes the row in which the other cluster says who its primary is.
func (n *node) prepareWitness(ctx context.Context) error {
	_, err := n.sql(ctx, n.conninfo(), fmt.Sprintf(`
SET synchronous_commit = local;
CREATE TABLE IF NOT EXISTS tintype_witness (
	cluster text PRIMARY KEY,
	node text NOT NULL,
	state text NOT NULL CHECK (state IN ('sync', 'alone')),
	epoch bigint NOT NULL,
	changed bigint NOT NULL
);
INSERT INTO tintype_witness VALUES ('%s', '%s', 'alone', 1, 0) ON CONFLICT DO NOTHING`, n.cluster.other.name, n.cluster.other.nodes[0].name))
	return err
}

func (n *node) initialise(ctx context.Context) error {
	n.f.say("making the database %s", n.cluster.name)
	if err := n.server.Write("password", n.f.state.Password); err != nil {
		return err
	}
	_, err := n.run(ctx, filepath.Join(n.f.bin, "initdb"), "--pgdata="+n.data(), "--username=postgres", "--pwfile="+n.server.Path("password"),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions")
	return errors.Join(err, os.Remove(n.server.Path("password")))
}

// startReplica starts the other node as a standby of the one that runs.
func (c *cluster) startReplica(ctx context.Context) error {
	n := c.nodes[1]
	if n.primary.Load() {
		n = c.nodes[0]
	}
	if n.timeline(ctx) == 0 {
		if err := os.RemoveAll(n.data()); err != nil { // half a copy
			return err
		}
		_, err := n.run(ctx, filepath.Join(n.f.bin, "pg_basebackup"), "--pgdata="+n.data(), "--wal-method=stream", "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
			"--dbname="+n.peer.conninfo()+" application_name="+n.name)
		if err != nil {
			return errors.Join(err, os.RemoveAll(n.data()))
		}
	}
	for _, each := range c.nodes {
		each.server.before = each.mayStart
		each.server.after = each.started
	}
	if err := n.server.start(ctx); err != nil {
		return err
	}
	if n.primary.Load() {
		return fmt.Errorf("%s and %s are both primaries", n.name, n.peer.name)
	}
	return n.peer.script(ctx, "tidy")
}

// mayStart keeps a former primary from coming back as one.
func (n *node) mayStart(ctx context.Context) error { return n.script(ctx, "guard") }

// started finds out what a node has become, and lets repmgr know.
func (n *node) started(ctx context.Context) error {
	in, err := n.sql(ctx, n.conninfo(), "SELECT pg_is_in_recovery()")
	if err != nil {
		return err
	}
	n.primary.Store(in == "f")
	if err := n.register(ctx); err != nil { // a standby whose primary is down as well
		n.f.say("%s will be registered later: %s", n.name, lastLine(err.Error()))
	}
	return nil
}

// register lets repmgr know what a node has become, and its repmgrd see anew what it watches.
func (n *node) register(ctx context.Context) error {
	err := n.script(ctx, "register")
	if err == nil && n.watch != nil && n.watch.isWanted() {
		err = errors.Join(n.watch.stop(), n.watch.start(ctx))
	}
	return err
}

func (f *Fleet) addWatch(n *node) (*member, error) {
	m, err := f.add(fmt.Sprintf("repmgrd-%s%d", n.cluster.name, (n.id-1)%2+1), roleWatch, services.Spec{
		Program: filepath.Join(f.bin, "repmgrd"), Users: []string{"postgres", "nobody"}, Env: n.environment(),
		Args: func(*services.Server) []string {
			return []string{"-f", n.server.Path("repmgr.conf"), "--daemonize=false", "--no-pid-file"}
		},
		Ready: func(context.Context, *services.Server) error { return nil },
	}, nil)
	if err != nil {
		return nil, err
	}
	m.kept = true
	return m, nil
}

// tidy sees to it, every few seconds, that standbys that are back are counted again and PgBouncer goes to
// primaries; systemd does it by a timer.
func (f *Fleet) tidy() {
	for pause(f.ctx, 5*time.Second) {
		for _, c := range f.clusters {
			for _, n := range c.nodes {
				if !n.server.Running() {
					continue
				}
				in, err := n.sql(f.ctx, n.conninfo(), "SELECT pg_is_in_recovery()")
				if err != nil {
					continue
				}
				if was := n.primary.Swap(in == "f"); was != (in == "f") {
					f.say("%s is a %s now", n.name, n.server.roleNow())
				}
				if err := n.script(f.ctx, "tidy"); err != nil && f.ctx.Err() == nil {
					f.say("%s: %v", n.name, err)
				}
			}
		}
	}
}
