// Package hostile sends a site what strangers send: broken and malicious files,
// bodies, identifiers, credentials and connections, item by item as in a
// catalogue, and looks at what each got. It knows nothing of the inside: it
// speaks HTTP, and raw bytes on a socket, to a site that it starts from this
// very program, on the embedded default or as a whole fleet behind nginx.
//
// After every request the same is asked: an error has the documented form and
// tells nothing of the inside, nobody saw a private word, and the site is well.
// At the end `tintype check` must find nothing wrong in the data.
//
// It talks to loopback addresses only. Errors are plain, for whoever sits at the
// terminal; items that failed are named in one.
package hostile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Item is one line of the catalogue.
type Item struct {
	ID   string // "B1"
	What string // what is sent, in a few words
	// Do sends it, and says by r what was wanted of each answer.
	Do func(ctx context.Context, r *Round)
	// Absent says why there is nothing to send it to; Do is then nil.
	Absent string
}

// All is every item, in the order of the catalogue.
func All() []Item {
	all := slices.Concat(fileItems(), bombItems(), metadataItems(), formItems(), archiveItems(), bodyItems(), textItems(), deedItems(), oauthItems(), sessionItems(), wireItems())
	slices.SortStableFunc(all, func(a, b Item) int { return number(a) - number(b) })
	return all
}

// number is the item's in the catalogue, 0 if it has none.
func number(it Item) int {
	n, err := strconv.Atoi(strings.TrimPrefix(it.ID, "B"))
	if err != nil {
		return 0
	}
	return n
}

// Result is what became of an item.
type Result struct {
	Item     Item
	Requests int
	Got      map[string]int // answers by status, "cut" for none
	Failures []string
	Took     time.Duration
}

// Line says in short what the item got.
func (r *Result) Line() string {
	if r.Item.Absent != "" {
		return r.Item.Absent
	}
	var keys []string
	for k := range r.Got {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for i, k := range keys {
		if n := r.Got[k]; n > 1 {
			keys[i] = fmt.Sprintf("%s (%d)", k, n)
		}
	}
	return strings.Join(keys, ", ")
}

// Config says what is done.
type Config struct {
	Site  *Site
	Only  []string // items; none for all
	Short bool     // fewer of what differs by a seed or a count only
	Quiet bool     // only items that failed get a line
	Out   io.Writer
}

// Run does the items one after the other, with a line on Out for each.
func Run(ctx context.Context, cfg Config) ([]Result, error) {
	var chosen []Item
	for _, it := range All() {
		if len(cfg.Only) == 0 || slices.Contains(cfg.Only, it.ID) {
			chosen = append(chosen, it)
		}
	}
	for _, id := range cfg.Only {
		if !slices.ContainsFunc(chosen, func(it Item) bool { return it.ID == id }) {
			return nil, fmt.Errorf("there is no item %q", id)
		}
	}
	t, err := newTarget(ctx, cfg.Site)
	if err != nil {
		return nil, err
	}
	var results []Result
	var failed []string
	for _, it := range chosen {
		r := &Round{Target: t, Short: cfg.Short, res: Result{Item: it, Got: map[string]int{}}}
		begin := time.Now()
		if it.Do != nil {
			it.Do(ctx, r)
			r.afterwards(ctx)
		}
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		r.res.Took = time.Since(begin)
		results = append(results, r.res)
		if !cfg.Quiet || len(r.res.Failures) > 0 {
			fmt.Fprintf(cfg.Out, "%-5s %-70s %s\n", it.ID, it.What, r.res.Line())
		}
		for _, f := range r.res.Failures {
			fmt.Fprintf(cfg.Out, "      FAILED: %s\n", f)
		}
		if len(r.res.Failures) > 0 {
			failed = append(failed, it.ID)
		}
	}
	if len(failed) > 0 {
		return results, errors.New("items that failed: " + strings.Join(failed, ", "))
	}
	return results, nil
}

// Markdown is the table of results, as docs/security.md has it.
func Markdown(results []Result) string {
	var b strings.Builder
	b.WriteString("| item | what is sent | what it got |\n|---|---|---|\n")
	esc := strings.NewReplacer("|", "\\|", "<", "&lt;").Replace
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Item.ID, esc(r.Item.What), esc(r.Line()))
	}
	return b.String()
}
