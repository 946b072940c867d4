package sqlstore_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		s := newCheckedSite(t, r, 0)
		s.directory(`UPDATE {s}accounts SET admin = 1, email = 'ben@example.org' WHERE user_id = $1`, s.ben)
		s.directory(`INSERT INTO {s}names (skeleton, username, user_id, state, claimed) VALUES ('benny', 'benny', $1, 0, 5)`, s.ben)
		var got []tintype.Member
		for after := tintype.ID(0); ; {
			page, err := sqlstore.Accounts{R: r}.Members(context.Background(), after, 3)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page...)
			if len(page) < 3 {
				break
			}
			after = page[2].Account.UserID
		}
		var want []tintype.Member
		for i, id := range []tintype.ID{s.ann, s.ben, s.cat, s.dan} {
			want = append(want, tintype.Member{
				Account: tintype.Account{UserID: id, State: tintype.AccountActive, Created: checkTime},
				User:    tintype.User{ID: id, Username: []string{"ann", "ben", "cat", "dan"}[i]},
			})
		}
		want[1].Account.Admin, want[1].Account.Email = true, "ben@example.org"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("members (-want +got):\n%s", diff)
		}
	})
}
