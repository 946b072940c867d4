// Package timeline is the contract for ordered, bounded lists of IDs under a
// key: home feeds now; tags, places and map cells later. sqlstore implements it
// for the laptop, redis for the fleet; timelinetest is the suite both pass.
//
// A timeline is derived: it can be emptied at any moment and is then absent
// until somebody builds it again, which is not the same as empty.
package timeline

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Kind separates the key spaces. The numbers are stored.
type Kind uint8

// The kinds of timelines.
const Home Kind = 1

// Max is how many IDs a timeline gives at most; implementations may hold up to
// twice as many before they trim.
const Max = 1000

// Store keeps the timelines of one kind.
type Store interface {
	// Append adds id to the timelines of owners that are built, and leaves
	// absent ones absent. Adding what is there changes nothing. It gives the
	// owners whose timelines it added to, in no certain order.
	Append(ctx context.Context, owners []tintype.ID, id tintype.ID) ([]tintype.ID, error)
	// Remove takes id out of the timelines of owners.
	Remove(ctx context.Context, owners []tintype.ID, id tintype.ID) error
	// Merge adds ids to, or with remove takes them out of, one timeline if it is built.
	Merge(ctx context.Context, owner tintype.ID, ids []tintype.ID, remove bool) error
	// Replace builds a timeline from ids.
	Replace(ctx context.Context, owner tintype.ID, ids []tintype.ID) error
	// Range gives up to page.Count IDs, newest first, between page.Min and
	// page.Max, both exclusive. built is false if the timeline is absent.
	Range(ctx context.Context, owner tintype.ID, page tintype.Page) (ids []tintype.ID, built bool, err error)
	// Forget makes timelines absent.
	Forget(ctx context.Context, owners []tintype.ID) error
}
