package app

import (
	"cmp"
	"context"
	"time"

	"github.com/tintype/tintype/internal/shard/move"
	"github.com/tintype/tintype/internal/tintype"
)

// What an operator does to logical shards; see package shard/move.
type (
	// Shards moves logical shards.
	Shards = move.Mover
	// Shard is one of them.
	Shard = move.Shard
	// ShardNumber is its number.
	ShardNumber = tintype.Shard
	// ShardFinding is where the map and what exists differ.
	ShardFinding = move.Finding
	// ShardPlan is moves that even the databases out.
	ShardPlan = move.Plan
	// MoveOptions say how a shard is moved.
	MoveOptions = move.Options
	// MoveProgress is how far a move is.
	MoveProgress = move.Progress
	// MoveResult is what a move did.
	MoveResult = move.Result
)

// OpenShards connects to the databases of a fleet, which may run or not, past
// all poolers.
func (c Config) OpenShards(ctx context.Context) (*Shards, error) {
	k, err := c.check()
	if err != nil {
		return nil, err
	}
	if k.Fleet.KeepsHere() {
		return nil, tintype.Errorf(tintype.Invalid, "a site in one SQLite file has all logical shards in it: only those of a fleet can be moved; name its file with --config")
	}
	m := move.Config{Clock: k.Clock}
	if m.Clock == nil {
		m.Clock = time.Now
	}
	for _, d := range k.Fleet.Databases {
		m.Databases = append(m.Databases, move.Database{Name: d.Name, DSN: cmp.Or(d.Direct, d.DSN)})
	}
	return move.Open(ctx, m)
}

// PlanShards computes how to even out the databases, by bytes or by users; see [move.Mover.Plan].
func PlanShards(ctx context.Context, s *Shards, by string, only []string) (ShardPlan, error) {
	return s.Plan(ctx, move.By(by), only)
}
