package move

import (
	"cmp"
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Step is one move of a plan.
type Step struct {
	Shard tintype.Shard `json:"shard"`
	From  string        `json:"from"`
	To    string        `json:"to"`
	Users int64         `json:"users"`
	Bytes int64         `json:"bytes"`
}

// Plan is how to even out the databases.
type Plan struct {
	Steps  []Step           `json:"steps"`
	Before map[string]int64 `json:"before"` // bytes or users of each database
	After  map[string]int64 `json:"after"`
}

// By says what is to be evened out.
type By string

// What a plan can even out.
const (
	Bytes By = "bytes"
	Users By = "users"
)

// Plan computes moves after which the databases hold about as much as each
// other. Databases of only take part, all if there are none. Shards that are
// being moved, or that nobody can reach, stay where they are.
func (m *Mover) Plan(ctx context.Context, by By, only []string) (Plan, error) {
	if len(only) == 0 {
		for _, p := range m.places {
			only = append(only, p.Name)
		}
	}
	for _, n := range only {
		if _, err := m.place(n); err != nil {
			return Plan{}, err
		}
	}
	shards, err := m.List(ctx)
	if err != nil {
		return Plan{}, err
	}
	return even(shards, by, only), nil
}

// even takes, from the database with most, the shard that comes closest to
// halving its distance to the one with least, as long as that makes both more
// alike and the distance is worth a move.
func even(shards []Shard, by By, names []string) Plan {
	weight := func(s Shard) int64 {
		if by == Users {
			return s.Users
		}
		return s.Bytes
	}
	plan := Plan{Before: map[string]int64{}, After: map[string]int64{}}
	var total int64
	for _, n := range names {
		plan.Before[n] = 0
	}
	for _, s := range shards {
		if _, ok := plan.Before[s.Database]; ok {
			plan.Before[s.Database] += weight(s)
			total += weight(s)
		}
	}
	for n, w := range plan.Before {
		plan.After[n] = w
	}
	names = slices.Clone(names)
	slices.Sort(names)
	rest := slices.Clone(shards)
	// What is less than a fiftieth of a database's share is not worth copying anything.
	worth := total / int64(len(names)) / 50
	for {
		most := slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(plan.After[a], plan.After[b]) })
		least := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(plan.After[a], plan.After[b]) })
		gap := plan.After[most] - plan.After[least]
		best, bestOff := -1, gap
		for i, s := range rest {
			if s.Database != most || s.Move != nil || s.Lost != "" || weight(s) == 0 {
				continue
			}
			off := gap - 2*weight(s)
			if off < 0 {
				off = -off
			}
			if off < bestOff {
				best, bestOff = i, off
			}
		}
		if best < 0 || gap-bestOff <= worth {
			return plan
		}
		s := rest[best]
		plan.Steps = append(plan.Steps, Step{Shard: s.Shard, From: most, To: least, Users: s.Users, Bytes: s.Bytes})
		plan.After[most] -= weight(s)
		plan.After[least] += weight(s)
		rest = slices.Delete(rest, best, best+1) // it moves once
	}
}
