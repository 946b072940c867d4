package control

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

// Knob is how something that can be changed while the site runs stands.
type Knob struct {
	Name    string     `json:"name"`
	Value   string     `json:"value"`
	Default string     `json:"default"`
	Unit    string     `json:"unit,omitempty"`
	Help    string     `json:"help"`
	Set     bool       `json:"set"`
	By      string     `json:"changed_by,omitempty"` // a username, or somebody's name at the command line
	Changed *time.Time `json:"changed,omitempty"`
}

// Turn is one change of a knob.
type Turn struct {
	Name  string    `json:"name"`
	Value string    `json:"value"` // "" back to the default
	Reset bool      `json:"reset"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// KnobChange turns knobs; Via is who does it.
type KnobChange struct {
	Set   map[string]string `json:"set,omitempty"`
	Reset []string          `json:"reset,omitempty"`
	Via   string            `json:"via"`
}

// KnobHistory asks for changes of a knob, or of all.
type KnobHistory struct {
	Name  string `json:"name"`
	Limit int    `json:"limit"`
}

// who names users, and operators by what they are called at the command line.
type who struct {
	a     *app.App
	names map[tintype.ID]string
}

func (w *who) name(ctx context.Context, user tintype.ID, via string) string {
	switch {
	case user == 0 && via == "":
		return "the command line"
	case user == 0:
		return via + " at the command line"
	}
	if name, known := w.names[user]; known {
		return name
	}
	name := "user " + user.String()
	if found, err := w.a.Graph.Users(ctx, []tintype.ID{user}); err == nil && len(found) == 1 && found[0] != nil {
		name = found[0].Username
	}
	w.names[user] = name
	return name
}

func outKnobs(ctx context.Context, a *app.App, list []knobs.State, out func(any) error) error {
	w := who{a, map[tintype.ID]string{}}
	for _, s := range list {
		k := Knob{Name: s.Name, Value: s.Format(s.Value), Default: s.Format(s.Default), Unit: s.Unit, Help: s.Help, Set: s.Set}
		if s.Set {
			k.By, k.Changed = w.name(ctx, s.By, s.Via), &s.Changed
		}
		if err := out(k); err != nil {
			return err
		}
	}
	return nil
}

func listKnobs(ctx context.Context, a *app.App, _ bool, _ nothing, out func(any) error) error {
	list, err := a.Knobs.List(ctx)
	if err != nil {
		return err
	}
	return outKnobs(ctx, a, list, out)
}

func turnKnobs(ctx context.Context, a *app.App, _ bool, in KnobChange, out func(any) error) error {
	values := map[string]*string{}
	for name, v := range in.Set {
		values[name] = &v
	}
	for _, name := range in.Reset {
		values[name] = nil
	}
	var list []knobs.State
	if err := noted(ctx, a, in.Via, "knobs.turn", 0, knobs.Said(values), func() (err error) {
		list, err = a.Knobs.Change(ctx, knobs.By{Via: in.Via}, values)
		return err
	}); err != nil {
		return err
	}
	return outKnobs(ctx, a, list, out)
}

func knobHistory(ctx context.Context, a *app.App, _ bool, in KnobHistory, out func(any) error) error {
	list, err := a.Knobs.History(ctx, in.Name, in.Limit)
	if err != nil {
		return err
	}
	w := who{a, map[tintype.ID]string{}}
	for _, t := range list {
		if err := out(Turn{Name: t.Name, Value: t.Value, Reset: t.Reset, By: w.name(ctx, t.By, t.Via), At: t.At}); err != nil {
			return err
		}
	}
	return nil
}

// Knobs lists what can be changed while the site runs, as it stands.
func (o *Operator) Knobs(ctx context.Context) ([]Knob, error) {
	return list[Knob](ctx, o, "knobs", nothing{})
}

// TurnKnobs turns knobs, all or none, and gives how all stand then.
func (o *Operator) TurnKnobs(ctx context.Context, c KnobChange) ([]Knob, error) {
	return list[Knob](ctx, o, "turn-knobs", c)
}

// KnobHistory lists who turned a knob, or any with name "", the latest first.
func (o *Operator) KnobHistory(ctx context.Context, name string, limit int) ([]Turn, error) {
	return list[Turn](ctx, o, "knob-history", KnobHistory{name, limit})
}

// list calls a command that answers with any number of values.
func list[T any](ctx context.Context, o *Operator, name string, in any) ([]T, error) {
	var out []T
	err := each(ctx, o, name, in, func(v T) error { out = append(out, v); return nil })
	return out, err
}
