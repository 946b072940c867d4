package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/drill/moves"
)

type shardCommand struct {
	List      shardList      `cmd:"" help:"Show every logical shard: where it is and what is on it."`
	Create    shardCreate    `cmd:"" help:"Make more logical shards in a database, for users still to come."`
	Move      shardMove      `cmd:"" help:"Move a logical shard to another database, while people use it."`
	Rebalance shardRebalance `cmd:"" help:"Move shards until the databases hold about as much as each other."`
	Drill     shardDrill     `cmd:"" help:"Move a shard to and fro under load, and show that nothing is lost."`
	Verify    shardVerify    `cmd:"" help:"Compare the map of shards with what is in the databases."`
}

// Help is shown under the subcommands.
func (shardCommand) Help() string {
	return "A logical shard owns some of the users and all that they own: one schema of one PostgreSQL database. The site may run meanwhile; docs/operating.md says what the databases need for moves."
}

// shards opens the databases for one command.
func (s *site) shards(w *world, f func(m *app.Shards) error) error {
	c, err := s.load(w)
	if err != nil {
		return err
	}
	m, err := c.OpenShards(w.ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(m), m.Close())
}

type shardList struct {
	site
	JSON bool `name:"json" help:"One JSON object for each shard."`
}

// Run lists shards.
func (c *shardList) Run(w *world) error {
	return c.shards(w, func(m *app.Shards) error {
		list, err := m.List(w.ctx)
		if err != nil {
			return err
		}
		lost := 0
		t := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		if !c.JSON {
			fmt.Fprintln(t, "shard\tdatabase\tusers\tposts\tsize\t  state")
		}
		for _, s := range list {
			if s.Lost != "" {
				lost++
			}
			if c.JSON {
				if err := w.printJSON(s); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%s\t  %s\n", s.Shard, s.Database, s.Users, s.Posts, size(s.Bytes), shardState(s))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if lost > 0 {
			return fmt.Errorf("%s CANNOT BE REACHED BY ANYBODY: see above", plural(lost, "shard"))
		}
		return nil
	})
}

func shardState(s app.Shard) string {
	state := "in use"
	if s.Move != nil {
		state = fmt.Sprintf("moving to %s since %s: %s", s.Move.To, clockTime(s.Move.Started), s.Move.State)
		if !s.Move.Alive {
			state += fmt.Sprintf("; nobody is at it: tintype shard move %d --resume, or --cancel", s.Shard)
		}
		if s.Move.Note != "" {
			state += " (" + firstLine(s.Move.Note, 200) + ")"
		}
	}
	if s.Lost != "" {
		state = "!!! LOST: " + s.Lost
	}
	return state
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d kB", (n+1023)/1024)
}

type shardCreate struct {
	site
	Database string `arg:"" help:"Database, as its name is in the configuration."`
	Count    int    `help:"How many." default:"1" placeholder:"N"`
	JSON     bool   `name:"json" help:"One JSON object with the numbers."`
}

// Run makes shards.
func (c *shardCreate) Run(w *world) error {
	return c.shards(w, func(m *app.Shards) error {
		made, err := m.Create(w.ctx, c.Database, c.Count)
		if c.JSON {
			if made == nil {
				made = []app.ShardNumber{}
			}
			return errors.Join(w.printJSON(map[string]any{"database": c.Database, "shards": made}), err)
		}
		if len(made) > 0 {
			fmt.Fprintf(w.stdout, "Made %s in %s: %s. New users come to them within seconds.\n", plural(len(made), "shard"), c.Database, strings.Trim(fmt.Sprint(made), "[]"))
		}
		return err
	})
}

type shardMove struct {
	site
	Shard      uint16 `arg:"" help:"Its number."`
	Database   string `arg:"" optional:"" help:"Where to; not with --resume and --cancel."`
	Resume     bool   `help:"Go on with a move whose program ended." xor:"what"`
	Cancel     bool   `help:"Undo a move that has not changed the map yet." xor:"what"`
	Unverified bool   `help:"With --resume: drop the old copy even though it was not compared exactly and rows of it are gone since."`
	JSON       bool   `name:"json" help:"One JSON object about what was done."`
}

// Help is shown under the flags.
func (shardMove) Help() string {
	return `The shard is copied and kept up to date by logical replication; then its writes wait for some hundredths of a second while the map changes; both copies are compared; and the old one is dropped. People notice nothing.

Every step is written down before it begins. If this program ends on the way, whatever the reason, say --resume, or --cancel as long as the map has not changed. In one moment, between taking the old copy out of the way and changing the map, that is urgent: nobody can reach the shard until then, and 'tintype shard list' says so loudly. Ctrl-C does not interrupt that moment.`
}

// Run moves a shard.
func (c *shardMove) Run(w *world) error {
	if (c.Resume || c.Cancel) == (c.Database != "") {
		return errors.New("name the database that the shard is to be moved to, or say --resume or --cancel")
	}
	if c.Unverified && !c.Resume {
		return errors.New("--unverified goes with --resume")
	}
	return c.shards(w, func(m *app.Shards) error {
		s := app.ShardNumber(c.Shard)
		if c.Cancel {
			if err := m.Cancel(w.ctx, s); err != nil {
				return err
			}
			if c.JSON {
				return w.printJSON(map[string]any{"shard": s, "cancelled": true})
			}
			fmt.Fprintf(w.stdout, "The move of shard %d is undone; nothing of it is left.\n", s)
			return nil
		}
		return c.move(w, func(o app.MoveOptions) (app.MoveResult, error) {
			o.Unverified = c.Unverified
			if c.Resume {
				return m.Resume(w.ctx, s, o)
			}
			return m.Move(w.ctx, s, c.Database, o)
		}, c.JSON)
	})
}

// move makes one move with a bar and says what it did.
func (s *site) move(w *world, f func(app.MoveOptions) (app.MoveResult, error), asJSON bool) error {
	bar := newMoveBar(w, asJSON)
	r, err := f(app.MoveOptions{Watch: bar.at})
	bar.end()
	if err != nil {
		return err
	}
	if asJSON {
		return w.printJSON(map[string]any{"shard": r.Shard, "from": r.From, "to": r.To, "rows": r.Rows, "jobs": r.Jobs,
			"pause_ms": millis(r.Pause), "locked_ms": millis(r.Locked), "took_ms": millis(r.Took)})
	}
	fmt.Fprintf(w.stdout, "Shard %d moved from %s to %s in %s", r.Shard, r.From, r.To, r.Took.Round(100*time.Millisecond))
	if r.Pause > 0 {
		fmt.Fprintf(w.stdout, ": %d rows the same on both sides, %s, writes held up for %.0f ms (%.0f ms with the waiting for locks)", r.Rows, plural(r.Jobs, "job"), millis(r.Pause), millis(r.Locked))
	}
	_, err = fmt.Fprintln(w.stdout, ".")
	return err
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// moveBar shows how far a move is: as a bar on a terminal, else as a line for each state.
type moveBar struct {
	w    *world
	bar  *progressbar.ProgressBar
	last string
	mute bool
}

func newMoveBar(w *world, mute bool) *moveBar {
	b := &moveBar{w: w, mute: mute}
	if _, ok := terminal(w.stderr); ok {
		b.bar = progressbar.NewOptions64(1, progressbar.OptionSetWriter(w.stderr), progressbar.OptionSetWidth(30), progressbar.OptionShowBytes(true),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(false), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return b
}

func (b *moveBar) at(p app.MoveProgress) {
	if b.bar != nil {
		b.bar.Describe(fmt.Sprintf("shard %d, %s: %-40.40s", p.Shard, p.State, p.What))
		if p.Total > 0 {
			b.bar.ChangeMax64(p.Total + 1) // never full: a full bar ends itself
			_ = b.bar.Set64(p.Done)        // it is only a picture
		}
		return
	}
	if line := fmt.Sprintf("shard %d: %s", p.Shard, p.State); !b.mute && line != b.last {
		b.last = line
		fmt.Fprintln(b.w.stderr, line)
	}
}

func (b *moveBar) end() {
	if b.bar != nil {
		_ = b.bar.Clear() // it is only a picture
	}
}

type shardRebalance struct {
	site
	By   string   `help:"What is to be evened out: ${enum}." enum:"bytes,users" default:"bytes"`
	Only []string `help:"Only between these databases." placeholder:"NAME"`
	Yes  bool     `help:"Do not ask."`
	Plan bool     `help:"Only show what would be moved."`
	JSON bool     `name:"json" help:"The plan, and each move, as a JSON object."`
}

// Run evens out the databases.
func (c *shardRebalance) Run(w *world) error {
	return c.shards(w, func(m *app.Shards) error {
		plan, err := app.PlanShards(w.ctx, m, c.By, c.Only)
		if err != nil {
			return err
		}
		if err := c.show(w, plan); err != nil || c.Plan || len(plan.Steps) == 0 {
			return err
		}
		if !c.Yes {
			if ok, err := w.agree(fmt.Sprintf("Make %s, one after the other?", plural(len(plan.Steps), "move"))); err != nil || !ok {
				return err
			}
		}
		for _, s := range plan.Steps {
			if err := c.move(w, func(o app.MoveOptions) (app.MoveResult, error) { return m.Move(w.ctx, s.Shard, s.To, o) }, c.JSON); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *shardRebalance) show(w *world, plan app.ShardPlan) error {
	if c.JSON {
		return w.printJSON(plan)
	}
	value := func(n int64) string {
		if c.By == "users" {
			return plural(int(n), "user")
		}
		return size(n)
	}
	for _, s := range plan.Steps {
		fmt.Fprintf(w.stdout, "shard %d: %s to %s, %s, %s\n", s.Shard, s.From, s.To, plural(int(s.Users), "user"), size(s.Bytes))
	}
	for _, n := range slices.Sorted(maps.Keys(plan.Before)) {
		fmt.Fprintf(w.stdout, "database %s: %s now, %s then\n", n, value(plan.Before[n]), value(plan.After[n]))
	}
	if len(plan.Steps) == 0 {
		fmt.Fprintln(w.stdout, "There is nothing worth moving.")
	}
	return nil
}

// agree asks on the terminal.
func (w *world) agree(question string) (bool, error) {
	if _, ok := terminal(w.stdin); !ok {
		return false, errors.New("nobody can be asked here: say --yes")
	}
	fmt.Fprint(w.stderr, question+" [y/N] ")
	line, err := bufio.NewReader(w.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	line = strings.ToLower(strings.TrimSpace(line))
	return line == "y" || line == "yes", nil
}

type shardVerify struct {
	site
	Deep bool `help:"Also read rows: that they are on the shard of their IDs, and that every account has its user."`
	JSON bool `name:"json" help:"One JSON object for each finding."`
}

// Help is shown under the flags.
func (shardVerify) Help() string {
	return "Every shard of the map must have its schema, at the newest migration; no other may be there, and nothing of a move that nobody is at. The exit status is 1 if something is found."
}

// Run verifies.
func (c *shardVerify) Run(w *world) error {
	return c.shards(w, func(m *app.Shards) error {
		p := newProgress(w, true)
		found, err := m.Verify(w.ctx, c.Deep, func(what string) {
			if p.bar != nil {
				p.bar.Describe("looking at " + what)
				_ = p.bar.RenderBlank() // it is only a picture
			}
		})
		p.end()
		for _, f := range found {
			if c.JSON {
				if err := w.printJSON(f); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(w.stdout, "database %s, shard %d: %s: %s\n", f.Database, f.Shard, f.What, f.Do)
		}
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fmt.Errorf("%s", plural(len(found), "finding"))
		}
		if !c.JSON {
			fmt.Fprintln(w.stdout, "The map and the databases agree.")
		}
		return nil
	})
}

type shardDrill struct {
	site
	URL     []string `name:"url" help:"API processes to write through (default: two that are started for it)." placeholder:"URL"`
	Writers int      `help:"Writes under way at any time." default:"8" placeholder:"N"`
	Posts   int      `help:"Posts that the shard gets." default:"2000" placeholder:"N"`
	Times   int      `help:"Moves." default:"10" placeholder:"N"`
}

// Help is shown under the flags.
func (shardDrill) Help() string {
	return "For fleets that are there to be tried: the users and posts that it makes stay. The exit status is 1 if anything acknowledged was lost or is there twice."
}

// Run holds the drill.
func (c *shardDrill) Run(w *world) error {
	cfg, err := c.load(w)
	if err != nil {
		return err
	}
	line, err := moves.Run(w.ctx, moves.Options{Config: cfg, URLs: c.URL, Writers: c.Writers, Posts: c.Posts, Times: c.Times, Out: w.stdout})
	if line != "" {
		fmt.Fprintln(w.stdout, line)
	}
	return err
}
