package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
)

type demoCommand struct {
	site
	People   int    `help:"How many people (default 24; 1,400,000 with --bulk)." aliases:"users" default:"-1" placeholder:"N"`
	Posts    int    `help:"How many posts (default 160, at most 1,000,000; 15,000,000 with --bulk)." default:"-1" placeholder:"N"`
	Follows  int    `help:"With --bulk: how many follows (default 50 for each of the people)." default:"-1" placeholder:"N"`
	Bulk     bool   `help:"Load a site of millions by COPY, for measuring: people, posts and follows, and no reactions."`
	Streams  int    `help:"With --bulk: how many logical shards to load at once (default one per processor and one more)." placeholder:"N"`
	Pictures int    `help:"How many distinct pictures to draw (default 160; 48 with --bulk); posts beyond them share files, so delete none of such a site's posts. 0 draws none, for measuring only." default:"-1" placeholder:"N"`
	Width    int    `help:"Width of the pictures in pixels." default:"1200" placeholder:"N"`
	Active   int    `help:"How many people get their feed built beforehand; the others get theirs when they come." default:"1000" placeholder:"N"`
	Seed     uint64 `help:"The same seed makes the same site." default:"1" placeholder:"N"`
	Password string `help:"Everybody's password." default:"tintype-demo" placeholder:"TEXT"`
}

// Help is shown under the flags.
func (demoCommand) Help() string {
	return "Everything is made on the spot; nothing is fetched. Only a site without people can be filled. The first of them, mara.lind, is the admin."
}

// Run fills the site.
func (d *demoCommand) Run(w *world) error {
	c, err := d.load(w)
	if err != nil {
		return err
	}
	d.defaults()
	if !d.Bulk && (d.Posts > 1_000_000 || d.People > 1_000_000) || d.People < 2 || d.People > math.MaxInt32 || d.Posts < 0 || d.Follows < 0 || d.Pictures < 0 || d.Width < 64 || d.Width > 8000 {
		return fmt.Errorf("from 2 to 1,000,000 people, at most as many posts (more with --bulk), and pictures of 64 to 8,000 pixels")
	}
	a, err := app.Open(w.ctx, c)
	if err != nil {
		return err
	}
	defer a.Close()
	if d.Bulk {
		return d.bulk(w, a)
	}
	began := time.Now()
	sum, err := fill(w.ctx, a, demo.Options{Seed: d.Seed, Now: began, People: d.People, Posts: d.Posts, Pictures: min(d.Pictures, 3*d.Posts), Active: d.Active, Width: d.Width,
		Password: d.Password}, bars(w.stderr))
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%d people, %d posts with %d pictures, %d follows, %d likes, %d comments in %s.\nSign in as mara.lind, tomas_v or lin.yue with the password %s. Start the site with: tintype serve --data %s\n",
		sum.People, sum.Posts, sum.Pictures, sum.Follows, sum.Likes, sum.Comments, time.Since(began).Round(time.Second/10), d.Password, a.Dir())
	return nil
}

// defaults puts numbers where none were given.
func (d *demoCommand) defaults() {
	set := func(v *int, ordinary, bulk int) {
		switch {
		case *v >= 0:
		case d.Bulk:
			*v = bulk
		default:
			*v = ordinary
		}
	}
	set(&d.People, 24, 1_400_000)
	set(&d.Posts, 160, 15_000_000)
	set(&d.Follows, 0, int(min(50*int64(d.People), int64(d.People)*int64(d.People-1)/2)))
	set(&d.Pictures, 160, 48)
}

// bulk fills the site in bulk and says what it took.
func (d *demoCommand) bulk(w *world, a *app.App) error {
	files := demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}
	now := time.Now()
	sum, err := demo.LoadBulk(w.ctx, a.Bulk(now), files, demo.AccountNames{Service: a.Account}, demo.BulkOptions{Seed: d.Seed, Now: now, Users: d.People, Posts: d.Posts,
		Follows: d.Follows, Pictures: d.Pictures, Width: d.Width, Password: d.Password, Shards: a.Shards(), Streams: d.Streams}, bars(w.stderr))
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%d people, %d posts with %d pictures, %d follows on both sides: %d rows in %s, %.0f a second; before that %s for drawing %d pictures and %s for deciding who follows whom.\n",
		sum.Users, sum.Posts, sum.Media, sum.Follows, sum.Rows, sum.Load.Round(time.Second/10), float64(sum.Rows)/sum.Load.Seconds(),
		sum.Pictures.Round(time.Second/10), d.Pictures, sum.Town.Round(time.Second/10))
	sizes, err := a.Sizes(w.ctx)
	if err != nil {
		return err
	}
	for _, s := range sizes {
		fmt.Fprintf(w.stdout, "database %s: %.2f GB on disk\n", s.Name, float64(s.Bytes)/1e9)
	}
	if kB, err := peakMemory(); err == nil {
		fmt.Fprintf(w.stdout, "this program: %.2f GB of memory at most\n", float64(kB)*1024/1e9)
	}
	return nil
}

// peakMemory is the most memory that this process had in use, in kB (VmHWM in proc(5)).
func peakMemory() (kB int64, err error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, errors.ErrUnsupported
}

func fill(ctx context.Context, a *app.App, o demo.Options, progress demo.Progress) (demo.Summary, error) {
	o.Shards = a.Shards()
	files := demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}
	sum, err := demo.Fill(ctx, a.Bulk(o.Now.Add(-7*24*time.Hour)), files, demo.AccountNames{Service: a.Account}, a.Book, o, progress)
	if err != nil || o.Posts > mostTagged {
		return sum, err
	}
	// What jobs would have made of posts that came one by one.
	for _, what := range []string{"tags", "places", "words", "popular"} {
		if err := a.RebuildTimelines(ctx, what, func(part float64) { progress(what, int(part*100), 100) }); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// mostTagged is up to how many posts the timelines of their tags, places and words, and what is popular, are made at once; beyond, tintype rebuild does it.
const mostTagged = 100_000

// bars shows a progress bar per stage on a terminal, and a line per finished stage elsewhere.
func bars(out io.Writer) demo.Progress {
	f, ok := out.(*os.File)
	terminal := false
	if ok {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	var bar *progressbar.ProgressBar
	stage := ""
	return func(s string, done, total int) {
		if !terminal {
			if done == total {
				fmt.Fprintf(out, "%s: %d\n", s, total)
			}
			return
		}
		if s != stage {
			stage = s
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(fmt.Sprintf("%-17s", s)),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(40), progressbar.OptionOnCompletion(func() { fmt.Fprintln(out) }))
		}
		_ = bar.Set(done)
	}
}
