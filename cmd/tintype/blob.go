package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/control"
)

type blobCommand struct {
	Init    blobInit    `cmd:"" help:"Make the bucket that [s3] names, unless it is there."`
	Migrate blobMigrate `cmd:"" help:"Copy the files from the data directory to S3, or back, while the site runs."`
	Verify  blobVerify  `cmd:"" help:"Read every original and hold it against the hash of its upload."`
}

type blobInit struct{ site }

// Run makes the bucket.
func (c *blobInit) Run(w *world) error {
	conf, err := c.load(w)
	if err != nil {
		return err
	}
	bucket, err := bucket(conf)
	if err != nil {
		return err
	}
	if err := bucket.Init(w.ctx); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "The %v is there.\n", bucket)
	return nil
}

type blobMigrate struct {
	site
	From    string `help:"Where the files are: local or s3." enum:"local,s3" required:""`
	To      string `help:"Where they are to be: local or s3." enum:"local,s3" required:""`
	Workers int    `help:"Files under way at once." default:"8"`
	Check   bool   `help:"Copy nothing: only compare the two."`
}

// Help is shown under the flags.
func (blobMigrate) Help() string {
	return `First run the site with mirror = true in [s3]: then new files go to both places, and each is read from the bucket or, if it is not there yet, from the data directory. Then run this. It may be broken off and run again: what is there already is compared, by size and hash, and not copied twice. At the end everything is compared once more.

When it has found no difference, take mirror out (and, on the way back, [s3]) and restart the processes one by one. The place that was left still has its files: delete them by hand when nothing misses them.`
}

// Run copies, and compares.
func (c *blobMigrate) Run(w *world) error {
	if c.From == c.To {
		return fmt.Errorf("there is nothing to copy from %s to %s", c.From, c.To)
	}
	conf, err := c.load(w)
	if err != nil {
		return err
	}
	bucket, err := bucket(conf)
	if err != nil {
		return err
	}
	if err := bucket.Check(w.ctx); err != nil {
		return err
	}
	local, err := app.LocalFiles(conf.Data)
	if err != nil {
		return err
	}
	var from, to blob.Store = local, bucket
	if c.From == "s3" {
		from, to = to, from
	}
	files, size, err := blob.Count(w.ctx, from, "")
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s, %s, from %s to %s.\n", plural(int(files), "file"), megabytes(size), c.From, c.To)
	opts := blob.CopyOptions{Workers: c.Workers}
	if !c.Check {
		bar := newByteBar(w, "Copying", size)
		opts.Progress = bar.at
		sum, err := blob.Copy(w.ctx, from, to, opts)
		bar.end()
		fmt.Fprintf(w.stdout, "Copied %s, %s; %d were there already, %d were deleted meanwhile.\n", plural(int(sum.Copied), "file"), megabytes(sum.Written), sum.Same, sum.Gone)
		if err != nil {
			return fmt.Errorf("%w; run it again to go on", err)
		}
	}
	bar := newByteBar(w, "Comparing", size)
	opts.Compare, opts.Progress = true, bar.at
	opts.Differs = func(key, why string) { bar.print(fmt.Sprintf("%s: %s", key, why)) }
	sum, err := blob.Copy(w.ctx, from, to, opts)
	bar.end()
	if err != nil {
		return err
	}
	if sum.Differing > 0 {
		return fmt.Errorf("%s differ: run it again; if the site is running, with mirror = true", plural(int(sum.Differing), "file"))
	}
	fmt.Fprintf(w.stdout, "All %s are in %s as they are in %s. Next: take mirror out of the configuration; see docs/operating.md.\n", plural(int(sum.Same), "file"), c.To, c.From)
	return nil
}

type blobVerify struct{ site }

// Help is shown under the flags.
func (blobVerify) Help() string {
	return "Reads all originals from wherever the site keeps its files, so it takes as long as that takes; the site may run. That other files are there and whole is checked by tintype check, which reads none of them."
}

// Run verifies the originals.
func (c *blobVerify) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		last := time.Now()
		sum, err := o.VerifyOriginals(w.ctx, func(v control.Originals) error {
			for _, f := range v.Found {
				fmt.Fprintln(w.stdout, f)
			}
			if now := time.Now(); now.Sub(last) > 2*time.Second {
				last = now
				fmt.Fprintf(w.stderr, "%s read, %s\n", plural(int(v.Files), "original"), megabytes(v.Bytes))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if sum.Bad > 0 {
			return fmt.Errorf("of %s %d are not as they were uploaded: restore them from a backup", plural(int(sum.Files), "original"), sum.Bad)
		}
		fmt.Fprintf(w.stdout, "All %s, %s, are as they were uploaded.\n", plural(int(sum.Files), "original"), megabytes(sum.Bytes))
		return nil
	})
}

// s3Bucket is what these commands do with a bucket.
type s3Bucket interface {
	blob.Store
	fmt.Stringer
	Init(ctx context.Context) error
	Check(ctx context.Context) error
}

func bucket(c app.Config) (s3Bucket, error) {
	if c.Fleet.S3.Endpoint == "" {
		return nil, errors.New("the configuration has no [s3] endpoint: give the file that has it with --config")
	}
	return app.Bucket(c.Fleet.S3)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// byteBar shows how far a copy is: as a bar on a terminal, else not at all.
type byteBar struct {
	w   *world
	mu  sync.Mutex
	bar *progressbar.ProgressBar // nil without a terminal
}

func newByteBar(w *world, what string, size int64) *byteBar {
	b := &byteBar{w: w}
	if _, ok := terminal(w.stderr); ok {
		b.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(w.stderr), progressbar.OptionSetDescription(fmt.Sprintf("%-9s", what)),
			progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(40), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return b
}

func (b *byteBar) at(s blob.CopyStats) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Set64(min(s.Bytes, b.bar.GetMax64())) // a bar that cannot be drawn is no reason to stop
	}
}

func (b *byteBar) print(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear() // as above
	}
	fmt.Fprintln(b.w.stdout, line)
}

func (b *byteBar) end() {
	if b.bar != nil {
		_ = b.bar.Finish() // as above
	}
}
