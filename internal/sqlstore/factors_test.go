package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestFactors(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Factors{R: r}
		ann, bob := newUser(t, r, "ann"), newUser(t, r, "bob")
		is := func(user tintype.ID, want *tintype.SecondFactor) {
			t.Helper()
			if want != nil {
				want.UserID = user
			}
			got, err := s.Factor(ctx, user)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("factor (-want +got), %v:\n%s", err, d)
			}
		}
		kind := func(what string, err error, want tintype.Kind) {
			t.Helper()
			if !tintype.IsKind(err, want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		spend := func(want bool, user tintype.ID, step int64, recovery []byte) {
			t.Helper()
			if ok, err := s.SpendCode(ctx, user, step, recovery); ok != want || err != nil {
				t.Errorf("spending of step %d, %x: %v, %v", step, recovery, ok, err)
			}
		}
		is(ann, nil)
		for _, secret := range []string{"ONE", "TWO"} {
			if err := s.BeginFactor(ctx, ann, secret); err != nil {
				t.Fatal(err)
			}
		}
		is(ann, &tintype.SecondFactor{Secret: "TWO"})
		spend(false, ann, 7, nil) // it is not in force
		kind("codes for what is not in force", s.SetRecovery(ctx, ann, [][]byte{hashOf("x")}), tintype.NotFound)
		now := signedUp.Add(time.Hour)
		kind("another secret", s.EnforceFactor(ctx, ann, "ONE", 7, nil, now), tintype.Conflict)
		if err := s.EnforceFactor(ctx, ann, "TWO", 7, [][]byte{hashOf("a"), hashOf("b")}, now); err != nil {
			t.Fatal(err)
		}
		is(ann, &tintype.SecondFactor{Secret: "TWO", Since: now, Recovery: 2})
		kind("a second time", s.EnforceFactor(ctx, ann, "TWO", 8, nil, now), tintype.Conflict)
		kind("begun anew while in force", s.BeginFactor(ctx, ann, "THREE"), tintype.Conflict)
		spend(false, ann, 7, nil)
		spend(true, ann, 9, nil)
		spend(false, ann, 8, nil)
		spend(false, bob, 10, nil)
		spend(false, bob, 0, hashOf("a"))
		spend(true, ann, 0, hashOf("a"))
		spend(false, ann, 0, hashOf("a"))
		is(ann, &tintype.SecondFactor{Secret: "TWO", Since: now, Recovery: 1})
		if err := s.SetRecovery(ctx, ann, [][]byte{hashOf("c"), hashOf("d"), hashOf("e")}); err != nil {
			t.Fatal(err)
		}
		spend(false, ann, 0, hashOf("b"))
		is(ann, &tintype.SecondFactor{Secret: "TWO", Since: now, Recovery: 3})
		for _, want := range []bool{true, false} {
			if ended, err := s.EndFactor(ctx, ann, job.Mail{}, now); ended != want || err != nil {
				t.Errorf("ended %v, %v; want %v", ended, err, want)
			}
		}
		is(ann, nil)
		spend(false, ann, 0, hashOf("c"))
	})
}
