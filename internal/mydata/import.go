package mydata

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	partBytes   = 8 << 20            // of an archive, but for the last
	keepImports = 7 * 24 * time.Hour // after the last thing that happened to them
	maxName     = 200                // code points of a file's name
)

// Choice is what a user wants of an archive.
type Choice struct {
	Sections []string  `json:"sections"`      // those that become posts
	From     time.Time `json:"from,omitzero"` // what was published before it stays out; zero for no bound
	To       time.Time `json:"to,omitzero"`   // what was published then or later; zero for no bound
	Places   string    `json:"places"`        // one of the ways to treat places
}

// The ways to treat where photos were made.
const (
	PlacesExact       = "exact"
	PlacesApproximate = "approximate"
	PlacesNone        = "none"
)

// Found is what is in an archive, of one section.
type Found struct {
	Section string    `json:"section"`
	Items   int       `json:"items"`
	Left    int       `json:"left"` // of those: cannot be posts, such as videos
	First   time.Time `json:"first,omitzero"`
	Last    time.Time `json:"last,omitzero"`
}

// plan is what an import keeps of what was found and what is wanted.
type plan struct {
	Found  []Found `json:"found"`
	Choice Choice  `json:"choice"`
}

// Plan reads what was found in an archive and what is wanted of it.
func Plan(i tintype.Import) ([]Found, Choice) {
	var p plan
	if i.Options != "" && json.Unmarshal([]byte(i.Options), &p) != nil {
		return nil, Choice{}
	}
	return p.Found, p.Choice
}

// isActive reports whether an import keeps its user from beginning another.
func isActive(i tintype.Import) bool {
	return i.State != tintype.TaskDone && i.State != tintype.TaskFailed && i.State != tintype.TaskUndone
}

// BeginImport makes ready for an archive of so many bytes, which is to come in
// parts of PartBytes. Conflict while another import is not over, Full if the site has no room for so many.
func (s *Service) BeginImport(ctx context.Context, user tintype.ID, name string, size int64) (tintype.Import, error) {
	var none tintype.Import
	name = strings.TrimSpace(name)
	switch {
	case user == 0:
		return none, errSignedIn
	case name == "" || len([]rune(name)) > maxName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return none, tintype.FieldError("name", "the name of the file must have 1 to %d characters", maxName)
	case size <= 0:
		return none, tintype.FieldError("bytes", "the file is empty")
	case size > s.c.MaxBytes:
		return none, tintype.Errorf(tintype.TooLarge, "the file is larger than the %d GB allowed; most services let you ask for an archive of a shorter time", s.c.MaxBytes>>30)
	}
	now := s.c.Clock().UTC()
	i := tintype.Import{UserID: user, State: tintype.TaskReceiving, Key: random(), Name: name, Bytes: size, PartBytes: min(partBytes, s.c.MaxPart), Created: now, Changed: now, Expires: now.Add(keepImports)}
	allow := func(there []tintype.Import) error {
		if slices.ContainsFunc(there, isActive) {
			return tintype.Errorf(tintype.Conflict, "another import is not over; finish it or delete it first")
		}
		return nil
	}
	there, err := s.c.Imports.Imports(ctx, user, tintype.Page{Count: 50})
	if err == nil {
		err = allow(there) // before room is asked for, which is then taken
	}
	if err == nil {
		err = s.c.Room(ctx, size)
	}
	if err != nil {
		return none, err
	}
	err = s.c.Imports.BeginImport(ctx, &i, allow)
	return i, err
}

// Imports lists a user's newest imports.
func (s *Service) Imports(ctx context.Context, user tintype.ID) ([]tintype.Import, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	return s.c.Imports.Imports(ctx, user, tintype.Page{Count: 20})
}

// Import gives one of a user's imports.
func (s *Service) Import(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
	if user == 0 {
		return tintype.Import{}, errSignedIn
	}
	return s.c.Imports.Import(ctx, user, id)
}

// AddPart takes the n-th part of an archive, counted from 0. Parts come in order;
// one that came before is left as it is. With the last one the archive begins to be read. Full if the site has become so since.
func (s *Service) AddPart(ctx context.Context, user, id tintype.ID, n int, src io.Reader) (tintype.Import, error) {
	i, err := s.Import(ctx, user, id)
	if err != nil || n < i.Parts && n >= 0 {
		return i, err
	}
	if i.State != tintype.TaskReceiving || n != i.Parts {
		return i, tintype.Errorf(tintype.Conflict, "the part %d is to come next, not %d", i.Parts, n)
	}
	want := min(i.PartBytes, i.Bytes-int64(n)*i.PartBytes)
	if err := s.c.Room(ctx, 0); err != nil {
		return i, err
	}
	in := &exactly{src: src, left: want}
	if _, err := s.c.Blobs.Put(ctx, blob.Part(i.Key, n), in); err != nil {
		if in.err != nil {
			return i, in.err
		}
		return i, err
	}
	// Where it is not taken, the same part came twice at once, or the import was deleted.
	if _, err := s.c.Imports.AddPart(ctx, user, id, n, s.c.Clock().Add(keepImports)); err != nil {
		return i, err
	}
	return s.Import(ctx, user, id)
}

// exactly reads so many bytes, and errs if there are fewer or more.
type exactly struct {
	src  io.Reader
	left int64
	err  error
}

func (e *exactly) Read(b []byte) (int, error) {
	if int64(len(b)) > e.left+1 {
		b = b[:e.left+1]
	}
	n, err := e.src.Read(b)
	e.left -= int64(n)
	var te *tintype.Error
	switch {
	case e.left < 0 || err == io.EOF && e.left > 0:
		e.err = tintype.Errorf(tintype.Invalid, "the part has not as many bytes as it should; please send it again")
	case err != nil && err != io.EOF && errors.As(err, &te):
		e.err = err
	case err != nil && err != io.EOF:
		e.err = &tintype.Error{Kind: tintype.Invalid, Msg: "the upload broke off; please try again", Err: err}
	}
	if e.err != nil {
		return 0, e.err
	}
	return n, err
}

// StartImport makes posts of what was found, as far as it is wanted. Nobody may who may publish nothing otherwise.
func (s *Service) StartImport(ctx context.Context, user, id tintype.ID, c Choice) (tintype.Import, error) {
	for _, sec := range c.Sections {
		if !slices.Contains([]string{archive.SectionPosts, archive.SectionArchived, archive.SectionStories, archive.SectionOther, archive.SectionAlbums, archive.SectionCollections, archive.SectionPeople}, sec) {
			return tintype.Import{}, tintype.FieldError("sections", "%q is no section of an archive", sec)
		}
	}
	switch {
	case len(c.Sections) == 0:
		return tintype.Import{}, tintype.FieldError("sections", "please choose what is to be imported")
	case !slices.Contains([]string{PlacesExact, PlacesApproximate, PlacesNone}, c.Places):
		return tintype.Import{}, tintype.FieldError("places", "places must be exact, approximate or none")
	}
	return s.change(ctx, user, id, []tintype.TaskState{tintype.TaskWaiting}, tintype.TaskRunning, func(i *tintype.Import) error {
		found, _ := Plan(*i)
		text, err := json.Marshal(plan{Found: found, Choice: c})
		i.Options = string(text)
		return err
	}, nil)
}

// PauseImport stops an import after the item that is under way.
func (s *Service) PauseImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
	return s.change(ctx, user, id, []tintype.TaskState{tintype.TaskRunning, tintype.TaskRefused}, tintype.TaskPaused, nil, nil)
}

// ResumeImport lets a paused import go on, of whom may publish.
func (s *Service) ResumeImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
	return s.change(ctx, user, id, []tintype.TaskState{tintype.TaskPaused, tintype.TaskRefused}, tintype.TaskRunning, nil, nil)
}

// resumeRefused lets imports go on whose users may publish again.
func (s *Service) resumeRefused(ctx context.Context) error {
	list, err := s.c.Made.Refused(ctx)
	for _, t := range list {
		refused, e := s.c.MayPublish(ctx, t.User)
		if e == nil && refused == nil {
			_, e = s.change(ctx, t.User, t.ID, []tintype.TaskState{tintype.TaskRefused}, tintype.TaskRunning, nil, nil)
		}
		// It may have been given up, or asked to go on, meanwhile.
		if e != nil && !tintype.IsKind(e, tintype.NotFound) && !tintype.IsKind(e, tintype.Conflict) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// RetryImport tries the items that failed once more, of whom may publish.
func (s *Service) RetryImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
	return s.change(ctx, user, id, []tintype.TaskState{tintype.TaskDone, tintype.TaskPaused, tintype.TaskRefused}, tintype.TaskRunning, func(i *tintype.Import) error {
		if i.Failed == 0 {
			return tintype.Errorf(tintype.Conflict, "nothing of it failed")
		}
		return nil
	}, s.c.Items.RetryImport)
}

// UndoImport deletes every post that an import made.
func (s *Service) UndoImport(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
	return s.change(ctx, user, id, []tintype.TaskState{tintype.TaskRunning, tintype.TaskPaused, tintype.TaskRefused, tintype.TaskDone, tintype.TaskFailed}, tintype.TaskUndoing, nil, nil)
}

// DeleteImport gives up an import and forgets it and its file. What it made stays.
func (s *Service) DeleteImport(ctx context.Context, user, id tintype.ID) error {
	if user == 0 {
		return errSignedIn
	}
	return s.c.Imports.DeleteImport(ctx, user, id)
}

// change brings an import from one of some states to another, and puts off what is then to be done. save is for what is to
// be written beside that, nil for nothing.
func (s *Service) change(ctx context.Context, user, id tintype.ID, from []tintype.TaskState, to tintype.TaskState, with func(*tintype.Import) error,
	save func(context.Context, tintype.Import) (bool, error)) (tintype.Import, error) {
	if save == nil {
		save = func(ctx context.Context, i tintype.Import) (bool, error) {
			return s.c.Imports.SaveImport(ctx, i, to == tintype.TaskRunning || to == tintype.TaskUndoing)
		}
	}
	const tries = 20 // a step that is saved meanwhile comes between
	for range tries {
		i, err := s.Import(ctx, user, id)
		if err != nil {
			return i, err
		}
		if !slices.Contains(from, i.State) {
			return i, tintype.Errorf(tintype.Conflict, "that cannot be done with this import now")
		}
		if to == tintype.TaskRunning {
			refused, err := s.c.MayPublish(ctx, user)
			if err = cmp.Or(err, refused); err != nil {
				return i, err
			}
		}
		if with != nil {
			if err := with(&i); err != nil {
				return i, err
			}
		}
		i.State, i.Reason, i.Expires = to, "", s.c.Clock().Add(keepImports)
		ok, err := save(ctx, i)
		if err != nil {
			return i, err
		}
		if ok {
			return s.Import(ctx, user, id)
		}
	}
	return tintype.Import{}, tintype.Errorf(tintype.Conflict, "the import changes at this moment; please try again")
}

// Items lists what is in an import, after the n-th item, and in one state alone if one is given.
func (s *Service) Items(ctx context.Context, user, id tintype.ID, state *tintype.ItemState, after, count int) ([]tintype.ImportItem, error) {
	if _, err := s.Import(ctx, user, id); err != nil {
		return nil, err
	}
	if state == nil {
		return s.c.Items.Items(ctx, user, id, after, count)
	}
	return s.c.Items.ItemsIn(ctx, user, id, *state, after, count)
}
