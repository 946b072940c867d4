package migrate

import (
	"context"
	"errors"
	"slices"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/control"
	"github.com/tintype/tintype/internal/tintype"
)

// Sites carries the site that from configures to the home that to configures.
// One of the two is a fleet's. The source may be served meanwhile, or not; in the end it is frozen.
func Sites(ctx context.Context, from, to app.Config, progress Progress) (Report, error) {
	var r Report
	err := with(ctx, from, to, progress, func(c Config, source *app.Carried) (err error) {
		keys, err := source.Keys(ctx)
		if err != nil {
			return err
		}
		if !slices.Equal(keys, app.DirectoryKeys()) {
			return tintype.Errorf(tintype.Conflict, "what is found by tag or place is on %d logical shards here, as this fleet began with so few; a directory has it on %d, and it would not be found there", len(keys), len(app.DirectoryKeys()))
		}
		r, err = Run(ctx, c)
		return err
	})
	return r, err
}

// CancelSites ends for good what Sites began, or lets the source be written to again after it.
func CancelSites(ctx context.Context, from, to app.Config) error {
	return with(ctx, from, to, nil, func(c Config, _ *app.Carried) error { return Cancel(ctx, c) })
}

// with opens both sites.
func with(ctx context.Context, from, to app.Config, progress Progress, f func(Config, *app.Carried) error) (err error) {
	if from.Fleet.KeepsHere() == to.Fleet.KeepsHere() {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "a site is carried from a directory to a fleet, or from a fleet to a directory: the configuration of the fleet must name its databases"}
	}
	var c Config
	if from.Fleet.KeepsHere() {
		// Its server, or the site opened here: so that its tables are up to date, and no server starts meanwhile.
		o, opening := control.Open(ctx, from, false)
		if opening != nil {
			return opening
		}
		defer func() { err = errors.Join(err, o.Close()) }()
		c.Freezer = o
	}
	source, err := app.Carry(ctx, from, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := app.Carry(ctx, to, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	c.Source, c.Target, c.TargetName, c.Tables, c.Progress = source.Source, target.Target, target.Name, source.Tables, progress
	if source.FilesAt != target.FilesAt {
		c.From, c.To = source.Files, target.Files
	}
	if source.Freeze != nil {
		c.Freezer = fleetFreezer{source}
	}
	return f(c, source)
}

type fleetFreezer struct{ c *app.Carried }

// Freeze implements Freezer.
func (f fleetFreezer) Freeze(ctx context.Context) error { return f.c.Freeze(ctx) }

// Thaw implements Freezer.
func (f fleetFreezer) Thaw(ctx context.Context) error { return f.c.Thaw(ctx) }
