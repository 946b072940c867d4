package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/tintype/tintype/internal/tintype"
)

// keyed is the number of a timeline that is found by a key, with the logical shard in it that the key is dealt out to.
func keyed(r Router, id tintype.ID, key string) tintype.ID {
	return tintype.MakeID(id.UnixMillis(), r.KeyShard(key), id.Seq())
}

// stateOfPost is the column, of users u and their posts p, that everybodySees takes: nobody else sees a
// post that was taken down, as none of somebody who is suspended.
const stateOfPost = `CASE WHEN p.taken_down = 0 THEN u.state ELSE 1 END`

// everybodySees tells whether everybody may see a post that is not archived, by columns of its row and its owner's.
func everybodySees(audience, private, state int) bool {
	return tintype.Audience(audience) == tintype.AudienceEveryone && private == 0 && tintype.UserState(state) == tintype.UserActive
}

// readCounts reads with s, which gives (id, count), the count of each of ids; 0 for one that has no row.
func readCounts(ctx context.Context, r Router, s *Stmt, ids []tintype.ID) ([]int64, error) {
	found := make(map[tintype.ID]int64, len(ids))
	for _, g := range ByHome(r, ids) {
		if err := g.Home.Query(ctx, s, func(scan Scan) error {
			var id tintype.ID
			var n int64
			err := scan(&id, &n)
			found[id] = n
			return err
		}, g.IDs); err != nil {
			return nil, err
		}
	}
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, nil
}

// stringRows gives keys as an argument of {rows}, one to a row.
func stringRows(keys []string) (string, error) {
	rows := make([][1]string, len(keys))
	for i, k := range keys {
		rows[i][0] = k
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

func scanStrings(list *[]string) func(Scan) error {
	return func(scan Scan) error {
		var s string
		err := scan(&s)
		*list = append(*list, s)
		return err
	}
}
