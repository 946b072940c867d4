package sqlstore

import (
	"context"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// Choices keeps what users let others do and want to hear of, each on the user's side.
type Choices struct{ R Router }

const choiceColumns = `tag_from, tag_by_hand, mention_from, hides_deeds, likes_from, comments_from, follows_from, mentions_from, tags_from`

var (
	stmtChoicesGet = &Stmt{Name: "choices.get", SQL: `SELECT user_id, ` + choiceColumns + ` FROM {s}choices WHERE user_id {in $1}`}
	stmtChoicesPut = &Stmt{Name: "choices.put", SQL: `
		INSERT INTO {s}choices (user_id, ` + choiceColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (user_id) DO UPDATE SET tag_from = excluded.tag_from, tag_by_hand = excluded.tag_by_hand,
			mention_from = excluded.mention_from, hides_deeds = excluded.hides_deeds, likes_from = excluded.likes_from,
			comments_from = excluded.comments_from, follows_from = excluded.follows_from,
			mentions_from = excluded.mentions_from, tags_from = excluded.tags_from`}
)

// Choices gives the choices of users, aligned.
func (s Choices) Choices(ctx context.Context, users []tintype.ID) ([]tintype.Choices, error) {
	found := make(map[tintype.ID]tintype.Choices, len(users))
	var mu sync.Mutex
	err := eachHome(ctx, ByHome(s.R, users), func(ctx context.Context, g HomeIDs) error {
		return g.Home.Query(ctx, stmtChoicesGet, func(scan Scan) error {
			var u tintype.ID
			var c tintype.Choices
			err := scan(append([]any{&u}, choiceFields(&c)...)...)
			mu.Lock()
			found[u] = c
			mu.Unlock()
			return err
		}, g.IDs)
	})
	out := make([]tintype.Choices, len(users))
	for i, u := range users {
		out[i] = found[u]
	}
	return out, err
}

func choiceFields(c *tintype.Choices) []any {
	return []any{&c.TagFrom, &c.TagByHand, &c.MentionFrom, &c.HidesDeeds, &c.Likes, &c.Comments, &c.Follows, &c.Mentions, &c.Tags}
}

// Choose changes some of user's choices and gives all.
func (s Choices) Choose(ctx context.Context, user tintype.ID, d tintype.ChoiceChanges) (c tintype.Choices, err error) {
	err = s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		if err := exactlyOne(tx.Exec(ctx, stmtProfileLock, user)); err != nil {
			return err
		}
		c = tintype.Choices{}
		if err := tx.Query(ctx, stmtChoicesGet, func(scan Scan) error {
			var u tintype.ID
			return scan(append([]any{&u}, choiceFields(&c)...)...)
		}, []tintype.ID{user}); err != nil {
			return err
		}
		c = d.Apply(c)
		_, err := tx.Exec(ctx, stmtChoicesPut, user, c.TagFrom, flag(c.TagByHand), c.MentionFrom, flag(c.HidesDeeds),
			c.Likes, c.Comments, c.Follows, c.Mentions, c.Tags)
		return err
	})
	return c, err
}
