package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/mydata"
	"github.com/tintype/tintype/internal/tintype"
)

// Imports is archives that users bring. mydata.Service provides it.
type Imports interface {
	BeginImport(ctx context.Context, user tintype.ID, name string, size int64) (tintype.Import, error)
	Imports(ctx context.Context, user tintype.ID) ([]tintype.Import, error)
	Import(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
	AddPart(ctx context.Context, user, id tintype.ID, n int, src io.Reader) (tintype.Import, error)
	Items(ctx context.Context, user, id tintype.ID, state *tintype.ItemState, after, count int) ([]tintype.ImportItem, error)
	DeleteImport(ctx context.Context, user, id tintype.ID) error
}

// ImportDeeds is what can be done with an import. mydata.Service provides it.
type ImportDeeds interface {
	StartImport(ctx context.Context, user, id tintype.ID, c mydata.Choice) (tintype.Import, error)
	PauseImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
	ResumeImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
	RetryImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
	UndoImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
}

type importJSON struct {
	ID        tintype.ID  `json:"id"`
	State     string      `json:"state"`
	Name      string      `json:"name"`
	Format    string      `json:"format,omitempty"`
	Bytes     int64       `json:"bytes"`
	PartBytes int64       `json:"part_bytes"`
	Parts     int         `json:"parts"`
	AllParts  int         `json:"all_parts"`
	Found     []foundJSON `json:"found"`
	Total     int         `json:"total"`
	Done      int         `json:"done"`
	Skipped   int         `json:"skipped"`
	Failed    int         `json:"failed"`
	Created   seconds     `json:"created_time"`
	Expires   seconds     `json:"expires_time"`
	whyJSON
}

// whyJSON says why something is as it is: in codes, each with a sentence, and all of it in one.
type whyJSON struct {
	Reason  string       `json:"reason,omitempty"`
	Reasons []reasonJSON `json:"reasons,omitempty"`
}

type reasonJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`          // in English
	N       int    `json:"number,omitempty"` // how many, or which one
	Text    string `json:"text,omitempty"`   // names, or what more is to be said, in English
}

// newWhy reads reasons as they are stored.
func newWhy(stored string) whyJSON {
	list := tintype.ParseReasons(stored)
	out := whyJSON{Reason: mydata.Message(list)}
	for _, r := range list {
		out.Reasons = append(out.Reasons, reasonJSON{r.Code, mydata.Message(tintype.Reasons{r}), r.N, r.Text})
	}
	return out
}

type foundJSON struct {
	Section string   `json:"section"`
	Items   int      `json:"items"`
	Left    int      `json:"left_out"`
	First   *seconds `json:"first_time,omitempty"`
	Last    *seconds `json:"last_time,omitempty"`
}

func optional(t time.Time) *seconds {
	if t.IsZero() {
		return nil
	}
	s := seconds(t)
	return &s
}

func newImportJSON(i tintype.Import) importJSON {
	found, _ := mydata.Plan(i)
	out := importJSON{ID: i.ID, State: taskStates[i.State], Name: i.Name, Format: i.Format, Bytes: i.Bytes, PartBytes: i.PartBytes, Parts: i.Parts,
		AllParts: int((i.Bytes + i.PartBytes - 1) / i.PartBytes), Found: []foundJSON{}, Total: i.Total, Done: i.Done, Skipped: i.Skipped, Failed: i.Failed,
		Created: seconds(i.Created), Expires: seconds(i.Expires), whyJSON: newWhy(i.Reason)}
	for _, f := range found {
		out.Found = append(out.Found, foundJSON{f.Section, f.Items, f.Left, optional(f.First), optional(f.Last)})
	}
	return out
}

// imported answers with an import.
func (c *call) imported(status int, i tintype.Import, err error) error {
	if err != nil {
		return err
	}
	return c.json(status, newImportJSON(i))
}

func (a *API) beginImport(c *call) error {
	var in struct {
		Name  string `json:"name"`
		Bytes int64  `json:"bytes"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	i, err := a.cfg.Imports.BeginImport(c.r.Context(), c.viewer(), in.Name, in.Bytes)
	return c.imported(http.StatusCreated, i, err)
}

func (a *API) listImports(c *call) error {
	list, err := a.cfg.Imports.Imports(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]importJSON, len(list))
	for i := range list {
		out[i] = newImportJSON(list[i])
	}
	return c.json(http.StatusOK, out)
}

func (a *API) getImport(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	i, err := a.cfg.Imports.Import(c.r.Context(), c.viewer(), id)
	return c.imported(http.StatusOK, i, err)
}

func (a *API) deleteImport(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Imports.DeleteImport(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

func (a *API) addImportPart(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.params.get("n"))
	if err != nil || n < 0 {
		return tintype.FieldError("n", "%q is not the number of a part", c.params.get("n"))
	}
	src, _, err := c.file()
	if err != nil {
		return err
	}
	i, err := a.cfg.Imports.AddPart(c.r.Context(), c.viewer(), id, n, src)
	return c.imported(http.StatusOK, i, err)
}

func (a *API) changeImport(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in struct {
		Action   string   `json:"action"`
		Sections []string `json:"sections"`
		From     *int64   `json:"from_time"`
		To       *int64   `json:"to_time"`
		Places   string   `json:"places"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	deeds := a.cfg.ImportDeeds
	var deed func(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
	switch in.Action {
	case "start":
		choice := mydata.Choice{Sections: in.Sections, Places: in.Places}
		if choice.Places == "" {
			choice.Places = mydata.PlacesExact
		}
		for _, t := range []struct {
			from *int64
			to   *time.Time
		}{{in.From, &choice.From}, {in.To, &choice.To}} {
			if t.from != nil {
				*t.to = time.Unix(*t.from, 0).UTC()
			}
		}
		deed = func(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
			return deeds.StartImport(ctx, user, id, choice)
		}
	case "pause":
		deed = deeds.PauseImport
	case "resume":
		deed = deeds.ResumeImport
	case "retry":
		deed = deeds.RetryImport
	case "undo":
		deed = deeds.UndoImport
	default:
		return tintype.FieldError("action", "the action must be start, pause, resume, retry or undo")
	}
	i, err := deed(c.r.Context(), c.viewer(), id)
	return c.imported(http.StatusOK, i, err)
}

// itemStates are what the states of items are called, in their order.
var itemStates = []string{"waiting", "done", "skipped", "failed"}

type importItemJSON struct {
	N     int      `json:"n"`
	State string   `json:"state"`
	Title string   `json:"title"`
	Taken *seconds `json:"taken_time,omitempty"`
	Code  string   `json:"shortcode,omitempty"` // of the post
	whyJSON
}

func newImportItemJSON(it tintype.ImportItem) importItemJSON {
	out := importItemJSON{N: it.N, State: itemStates[it.State], Title: it.Title, Taken: optional(it.Taken), whyJSON: newWhy(it.Reason)}
	if it.PostID != 0 {
		out.Code = it.PostID.Shortcode()
	}
	return out
}

const itemsPage = 100

func (a *API) listImportItems(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var state *tintype.ItemState
	if s, err := c.param("state"); err != nil {
		return err
	} else if s != "" {
		n := slices.Index(itemStates, s)
		if n < 0 {
			return tintype.FieldError("state", "the state must be one of %s", strings.Join(itemStates, ", "))
		}
		is := tintype.ItemState(n)
		state = &is
	}
	after := -1
	if s, err := c.param("after"); err != nil {
		return err
	} else if s != "" {
		if after, err = strconv.Atoi(s); err != nil || after < 0 {
			return tintype.FieldError("after", "%q is not the number of an item", s)
		}
	}
	items, err := a.cfg.Imports.Items(c.r.Context(), c.viewer(), id, state, after, itemsPage)
	if err != nil {
		return err
	}
	out := make([]importItemJSON, len(items))
	for i, it := range items {
		out[i] = newImportItemJSON(it)
	}
	return c.json(http.StatusOK, out)
}

// getImportCSV sends what became of every item, for a spreadsheet.
func (a *API) getImportCSV(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	const page = 500
	items, err := a.cfg.Imports.Items(ctx, c.viewer(), id, nil, -1, page)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="import-%v.csv"`, id))
	c.wrote = true
	if c.r.Method == http.MethodHead {
		return nil
	}
	w := csv.NewWriter(&patient{c.w, http.NewResponseController(c.w)})
	rows := [][]string{{"number", "state", "title", "published", "post", "reason"}}
	for {
		for _, it := range items {
			taken, link := "", ""
			if !it.Taken.IsZero() {
				taken = it.Taken.UTC().Format(time.RFC3339)
			}
			if it.PostID != 0 {
				link = c.base + "/p/" + it.PostID.Shortcode()
			}
			rows = append(rows, []string{strconv.Itoa(it.N + 1), itemStates[it.State], cell(it.Title), taken, link, cell(mydata.Message(tintype.ParseReasons(it.Reason)))})
		}
		if err := w.WriteAll(rows); err != nil || len(items) < page {
			return nil // the client may have gone
		}
		rows = rows[:0]
		if items, err = a.cfg.Imports.Items(ctx, c.viewer(), id, nil, items[len(items)-1].N, page); err != nil {
			return nil // it is too late to say so
		}
	}
}

// cell keeps a stranger's text from being a formula where a spreadsheet opens it.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
