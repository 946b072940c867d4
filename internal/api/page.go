package api

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Bounds of lists.
const (
	defaultCount  = 20
	maxUserCount  = 50
	maxMediaCount = 60
)

// parseMediaID reads <post>_<owner> or <post>.
func parseMediaID(s string) (tintype.ID, bool) {
	post, owner, both := strings.Cut(s, "_")
	id, err := tintype.ParseID(post)
	if err != nil {
		return 0, false
	}
	if both {
		if o, err := tintype.ParseID(owner); err != nil || o.Shard() != id.Shard() {
			return 0, false
		}
	}
	return id, true
}

// param gives a query parameter, "" if it is absent or empty; twice is an error.
func (c *call) param(name string) (string, error) {
	v := c.query[name]
	if len(v) > 1 {
		return "", tintype.FieldError(name, "%s is there twice", name)
	}
	if len(v) == 0 {
		return "", nil
	}
	return v[0], nil
}

// count reads the wanted length of a list.
func (c *call) count(most int) (int, error) {
	s, err := c.param("count")
	if err != nil {
		return 0, err
	}
	if s == "" {
		if c.whole {
			return most, nil
		}
		return defaultCount, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || s[0] == '+' {
		return 0, tintype.FieldError("count", "count must be a number from 1 to %d", most)
	}
	return min(n, most), nil // as the original, asking for more gives the most there is
}

// cursor reads a parameter that bounds a list by an ID.
func (c *call) cursor(name string) (tintype.ID, error) {
	s, err := c.param(name)
	if err != nil || s == "" {
		return 0, err
	}
	id, ok := parseMediaID(s)
	if !ok {
		return 0, tintype.FieldError(name, "%s is not a cursor of this list: take it from the pagination of the page before", name)
	}
	return id, nil
}

// page reads count, the named cursor and min_id.
func (c *call) page(cursor string, most int) (p tintype.Page, err error) {
	if p.Count, err = c.count(most); err != nil {
		return p, err
	}
	if p.Max, err = c.cursor(cursor); err != nil {
		return p, err
	}
	if p.Min, err = c.cursor("min_id"); err != nil {
		return p, err
	}
	if p.Max != 0 && p.Min >= p.Max {
		return p, tintype.FieldError("min_id", "min_id must be below %s", cursor)
	}
	return p, nil
}

// timedPage is page with max_id, narrowed by times.
func (c *call) timedPage() (p tintype.Page, err error) {
	if p, err = c.page("max_id", maxMediaCount); err != nil {
		return p, err
	}
	return p, c.times(&p)
}

// times narrows a page by min_timestamp and max_timestamp, both exclusive.
func (c *call) times(p *tintype.Page) error {
	from, to, err := c.timestamps()
	if err != nil {
		return err
	}
	if !from.IsZero() {
		p.Min = max(p.Min, tintype.FirstIDAt(from.Add(time.Second))-1)
	}
	if !to.IsZero() {
		if id := max(tintype.FirstIDAt(to), 1); p.Max == 0 || id < p.Max {
			p.Max = id
		}
	}
	return nil
}

// timestamps reads min_timestamp and max_timestamp, in epoch seconds; zero for one that is absent.
func (c *call) timestamps() (from, to time.Time, err error) {
	for _, p := range [...]struct {
		name string
		at   *time.Time
	}{{"min_timestamp", &from}, {"max_timestamp", &to}} {
		s, err := c.param(p.name)
		if err != nil {
			return from, to, err
		}
		if s == "" {
			continue
		}
		sec, err := strconv.ParseInt(s, 10, 64)
		if err != nil || sec < 0 || sec > 1<<32 {
			return from, to, tintype.FieldError(p.name, "%s must be a number of seconds since 1970", p.name)
		}
		*p.at = time.Unix(sec, 0)
	}
	return from, to, nil
}

// nextURL is the address of the page after this one. It repeats what the caller put into the
// query, its credential too; one that came in a header or cookie is never written into a URL.
func (c *call) nextURL(cursor string, next tintype.ID) string {
	q := url.Values{}
	for k, v := range c.query {
		switch k {
		case "client_secret", "sig", "_method", "callback":
		default:
			q[k] = v
		}
	}
	q.Set(cursor, next.String())
	return c.base + c.r.URL.EscapedPath() + "?" + q.Encode()
}

// end closes a list's envelope with its pagination and sends it. next is the
// cursor of the next page, 0 at the end of the list.
func (c *call) end(b []byte, cursor string, next tintype.ID) error {
	if next == 0 {
		c.send(200, append(b, `,"pagination":{}}`...))
		return nil
	}
	b = append(b, `,"pagination":{"next_url":`...)
	b = appendString(b, c.nextURL(cursor, next))
	b = append(b, `,"next_`...)
	b = append(b, cursor...)
	b = append(b, `":`...)
	b = appendID(b, next)
	c.send(200, append(b, `}}`...))
	return nil
}
