package migrate

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/sqlstore"
)

type place struct {
	area  sqlstore.Area
	table *sqlstore.Table
}

// compare compares all rows of the source, as they are in one view, with those
// of the target after all changes up to that view.
func (m *mover) compare(ctx context.Context) (err error) {
	rd, err := m.Source.Read(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rd.Close()) }()
	for {
		// What is forgotten by one round stays in this view, so only a view whose changes all go in one round will do.
		n, err := m.carryChanges(ctx, rd, nil)
		if err != nil {
			return err
		}
		if n < roundLimit {
			break
		}
		if err := rd.Close(); err != nil {
			return err
		}
		if rd, err = m.Source.Read(ctx); err != nil {
			return err
		}
	}
	there, err := m.Target.Read(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, there.Close()) }()
	var sums [2]map[place]sqlstore.Sum
	g, ctx := errgroup.WithContext(ctx)
	for i, r := range []sqlstore.Reader{rd, there} {
		g.Go(func() (err error) {
			sums[i], err = m.sum(ctx, r, i == 1)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	m.report.Rows = 0
	for p, want := range sums[0] {
		if got := sums[1][p]; got != want {
			return differ(p.area, p.table, want, got)
		}
		m.report.Rows += int64(want.Rows)
	}
	for p, got := range sums[1] {
		if _, ok := sums[0][p]; !ok {
			return differ(p.area, p.table, sqlstore.Sum{}, got)
		}
	}
	return nil
}

// sum adds up all rows of a view, by area and table.
func (m *mover) sum(ctx context.Context, rd sqlstore.Reader, tell bool) (map[place]sqlstore.Sum, error) {
	areas, err := rd.Areas(ctx)
	if err != nil {
		return nil, err
	}
	out := map[place]sqlstore.Sum{}
	for i, a := range areas {
		for _, t := range m.Tables {
			var s sqlstore.Sum
			if err := rd.Rows(ctx, a, t, func(row sqlstore.Row) error {
				s.Add(t, row)
				return nil
			}); err != nil {
				return nil, err
			}
			if s.Rows > 0 {
				out[place{a, t}] = s
			}
		}
		if tell {
			m.Progress("comparing", i+1, len(areas))
		}
	}
	return out, nil
}

// compareKeys compares the rows of some keys.
func (m *mover) compareKeys(ctx context.Context, keys map[sqlstore.Area]map[*sqlstore.Table][]sqlstore.Row) (err error) {
	var readers [2]sqlstore.Reader
	for i, open := range []func(context.Context) (sqlstore.Reader, error){m.Source.Read, m.Target.Read} {
		if readers[i], err = open(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, readers[i].Close()) }()
	}
	for a, tables := range keys {
		for t, list := range tables {
			var sums [2]sqlstore.Sum
			for i, rd := range readers {
				if err := rd.Find(ctx, a, t, list, func(row sqlstore.Row) error { sums[i].Add(t, row); return nil }); err != nil {
					return err
				}
			}
			if sums[0] != sums[1] {
				return differ(a, t, sums[0], sums[1])
			}
		}
	}
	return nil
}
