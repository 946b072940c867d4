package knobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func text(s string) *string { return &s }

func TestValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		shown       string // "" for an error
	}{
		{name: "uploads", value: "off", shown: "off"},
		{name: "uploads", value: " False ", shown: "off"},
		{name: "uploads", value: "maybe"},
		{name: "signup", value: "Invite", shown: "invite"},
		{name: "signup", value: "0"},
		{name: "feed_length", value: "20", shown: "20"},
		{name: "feed_length", value: "19"},
		{name: "feed_length", value: "1001"},
		{name: "feed_length", value: "0"},
		{name: "feed_length", value: "all"},
		{name: "hourly_limit", value: "0", shown: "0"},
		{name: "hourly_limit", value: "99"},
		{name: "max_upload_mb", value: "9"},
		{name: "max_upload_mb", value: "8", shown: "8"},
	}
	s := knobs.New(knobs.Config{Store: sqlstore.Settings{R: storetest.OpenSQLite(t, time.Now)}, Clock: time.Now, Defaults: map[knobs.Knob]int{knobs.MaxUploadMB: 8}})
	for _, test := range tests {
		list, err := s.Change(t.Context(), knobs.By{}, map[string]*string{test.name: &test.value})
		if test.shown == "" {
			if !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), test.name+" is ") {
				t.Errorf("%s %q: %v", test.name, test.value, err)
			}
			continue
		}
		for _, k := range list {
			if k.Name == test.name && k.Format(k.Value) != test.shown {
				t.Errorf("%s %q became %s, want %s", test.name, test.value, k.Format(k.Value), test.shown)
			}
		}
		if err != nil {
			t.Errorf("%s %q: %v", test.name, test.value, err)
		}
	}
	if _, err := s.Change(t.Context(), knobs.By{}, map[string]*string{"uploads": text("off"), "nonsense": text("1")}); !tintype.IsKind(err, tintype.NotFound) {
		t.Errorf("a knob that does not exist: %v", err)
	}
}

// TestSeenByAll turns a knob in one process and sees it in another, with who did it.
func TestSeenByAll(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	store := sqlstore.Settings{R: storetest.OpenSQLite(t, time.Now)}
	changed := 0
	here := knobs.New(knobs.Config{Store: store, Clock: func() time.Time { return now }, Changed: func() { changed++ }})
	there := knobs.New(knobs.Config{Store: store, Clock: time.Now, Every: time.Millisecond})
	go there.Watch(ctx)
	if err := there.Closed(knobs.Uploads); err != nil || there.Number(knobs.FeedLength) != 1000 || there.Closed(knobs.None) != nil {
		t.Fatalf("before anybody turned anything: %v, %d", err, there.Number(knobs.FeedLength))
	}
	if _, err := here.Change(ctx, knobs.By{User: 7}, map[string]*string{"uploads": text("off"), "feed_length": text("100")}); err != nil {
		t.Fatal(err)
	}
	if here.On(knobs.Uploads) || changed != 1 {
		t.Error("who turned it does not know at once")
	}
	for end := time.Now().Add(30 * time.Second); there.On(knobs.Uploads) || there.Number(knobs.FeedLength) != 100; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the other process never saw it")
		}
	}
	if err := there.Closed(knobs.Uploads); !tintype.IsKind(err, tintype.Unavailable) || !strings.Contains(err.Error(), "no photos") {
		t.Errorf("uploads are off: %v", err)
	}
	now = now.Add(time.Second)
	list, err := here.Change(ctx, knobs.By{Via: "root"}, map[string]*string{"uploads": nil})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if want := k.Knob == knobs.FeedLength; k.Set != want || want && (k.By != 7 || k.Value != 100) {
			t.Errorf("in the end %+v", k)
		}
	}
	turns, err := there.History(ctx, "uploads", 10)
	if err != nil || len(turns) != 2 || !turns[0].Reset || turns[0].Via != "root" || turns[1].Value != "off" || turns[1].By != 7 {
		t.Errorf("the history of uploads: %+v, %v", turns, err)
	}
}

// absent is a directory that cannot be read.
type absent struct{ knobs.Store }

func (absent) Settings(context.Context) ([]tintype.Setting, error) { return nil, errors.New("down") }

func TestKeptWhileDirectoryIsDown(t *testing.T) {
	t.Parallel()
	s := knobs.New(knobs.Config{Store: absent{}, Clock: time.Now})
	if err := s.Refresh(t.Context()); err == nil || s.Number(knobs.FanoutPage) != 10_000 || !s.On(knobs.Writes) {
		t.Errorf("%v, %d", err, s.Number(knobs.FanoutPage))
	}
}
