package api

import (
	"context"
	"net/http"

	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

// knobJSON is how a knob stands. Values are text whatever the knob's kind:
// "200", "off", "invite".
type knobJSON struct {
	Name    string     `json:"name"`
	Kind    knobs.Kind `json:"kind"`
	Help    string     `json:"help"`
	Unit    string     `json:"unit"`
	Value   string     `json:"value"`
	Default string     `json:"default"`
	Min     int        `json:"min"`
	Max     int        `json:"max"`
	Zero    bool       `json:"zero"` // 0 is allowed too, for no limit
	Words   []string   `json:"words"`
	Set     bool       `json:"set"` // false where nobody turned it
	Changed seconds    `json:"changed_time"`
	By      *shortJSON `json:"changed_by"`
	Via     string     `json:"changed_via"`
}

type turnJSON struct {
	Name  string     `json:"name"`
	Value *string    `json:"value"` // null: back to its default
	At    seconds    `json:"time"`
	By    *shortJSON `json:"by"`
	Via   string     `json:"via"`
}

// authors gives the users who turned knobs, as far as they are still there.
func (a *API) authors(c *call, ids []tintype.ID) (map[tintype.ID]*shortJSON, error) {
	_, who, err := a.peopleOf(c, ids)
	return who, err
}

func (a *API) answerKnobs(c *call, list []knobs.State) error {
	ids := make([]tintype.ID, len(list))
	for i, k := range list {
		ids[i] = k.By
	}
	who, err := a.authors(c, ids)
	if err != nil {
		return err
	}
	out := make([]knobJSON, len(list))
	for i, k := range list {
		out[i] = knobJSON{Name: k.Name, Kind: k.Kind, Help: k.Help, Unit: k.Unit, Value: k.Format(k.Value), Default: k.Format(k.Default),
			Min: k.Min, Max: k.Max, Zero: k.Zero, Words: append([]string{}, k.Words...), Set: k.Set, Changed: seconds(k.Changed), By: who[k.By], Via: k.Via}
	}
	return c.json(http.StatusOK, out)
}

func (a *API) listKnobs(c *call) error {
	list, err := a.cfg.Knobs.List(c.r.Context())
	if err != nil {
		return err
	}
	return a.answerKnobs(c, list)
}

func (a *API) turnKnobs(c *call) error {
	var in struct {
		Set   map[string]string `json:"set"`
		Reset []string          `json:"reset"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	values := map[string]*string{}
	for name, v := range in.Set {
		values[name] = &v
	}
	for _, name := range in.Reset {
		if _, twice := values[name]; twice {
			return tintype.FieldError("reset", "%s cannot be set and reset at once", name)
		}
		values[name] = nil
	}
	var list []knobs.State
	change := func(ctx context.Context) (err error) {
		list, err = a.cfg.Knobs.Change(ctx, knobs.By{User: c.viewer()}, values)
		return err
	}
	var err error
	if len(values) > 0 {
		err = a.do(c, 0, knobs.Said(values), "", change)
	} else {
		err = change(c.r.Context())
	}
	if err != nil {
		return err
	}
	return a.answerKnobs(c, list)
}

// shownTurns is how many changes the history shows.
const shownTurns = 100

func (a *API) listTurns(c *call) error {
	name, err := c.param("name")
	if err != nil {
		return err
	}
	list, err := a.cfg.Knobs.History(c.r.Context(), name, shownTurns)
	if err != nil {
		return err
	}
	ids := make([]tintype.ID, len(list))
	for i, t := range list {
		ids[i] = t.By
	}
	who, err := a.authors(c, ids)
	if err != nil {
		return err
	}
	out := make([]turnJSON, len(list))
	for i, t := range list {
		out[i] = turnJSON{Name: t.Name, At: seconds(t.At), By: who[t.By], Via: t.Via}
		if !t.Reset {
			out[i].Value = &t.Value
		}
	}
	return c.json(http.StatusOK, out)
}
