package app_test

import (
	"slices"
	"testing"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestRebuildPeople takes away what finds people, and has it made again; a site from before a
// mistyped word found anybody finds people as written until then.
func TestRebuildPeople(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ada := s.user("ada", false)
		lovelace := "Lovelace"
		if _, err := s.app.Account.UpdateProfile(ctx, ada.ID, account.Changes{FullName: &lovelace}); err != nil {
			t.Fatal(err)
		}
		s.settle()
		forget := func(text string) {
			t.Helper()
			if err := s.app.Backend.Router.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test", SQL: text})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		find := func(q string, want ...tintype.ID) {
			t.Helper()
			if got, err := s.app.Account.Search(ctx, q, 10); err != nil || !slices.Equal(got, want) {
				t.Errorf("%q finds %v, %v", q, got, err)
			}
		}
		find("lovleace", ada.ID)
		forget(`DELETE FROM {s}people_typos`)
		find("lovleace")
		find("love", ada.ID)
		forget(`DELETE FROM {s}people`)
		find("love")
		if _, err := s.app.Rebuilder().Run(ctx, inspect.RebuildRequest{What: "tags"}, func(e inspect.Event) error {
			if e.Finding != nil {
				t.Errorf("%+v", e.Finding)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		find("love", ada.ID)
		find("lovleace", ada.ID)
	})
}
