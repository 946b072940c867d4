package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
)

type demoCommand struct {
	site
	People   int    `help:"How many people." default:"24" placeholder:"N"`
	Posts    int    `help:"How many posts, up to 1,000,000." default:"160" placeholder:"N"`
	Pictures int    `help:"How many distinct pictures to draw; posts beyond them share files, so delete none of such a site's posts. 0 draws none, for measuring only." default:"160" placeholder:"N"`
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
	if d.Posts > 1_000_000 || d.People > 1_000_000 || d.Posts < 0 || d.Pictures < 0 || d.Width < 64 || d.Width > 8000 {
		return fmt.Errorf("at most 1,000,000 people and posts, and pictures of 64 to 8,000 pixels")
	}
	a, err := app.Open(w.ctx, c)
	if err != nil {
		return err
	}
	defer a.Close()
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

func fill(ctx context.Context, a *app.App, o demo.Options, progress demo.Progress) (demo.Summary, error) {
	o.Shards = a.Shards()
	files := demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}
	return demo.Fill(ctx, a.Bulk(o.Now.Add(-7*24*time.Hour)), files, demo.AccountNames{Service: a.Account}, o, progress)
}

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
