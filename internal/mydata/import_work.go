package mydata

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// WorkImports is the handler of job.ImportKind.
func (s *Service) WorkImports(ctx context.Context, steps []job.Step) error {
	for _, j := range steps {
		if err := s.workImport(ctx, ticket(j)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) workImport(ctx context.Context, t tintype.Ticket) error {
	i, err := s.c.Imports.Import(ctx, t.User, t.ID)
	if tintype.IsKind(err, tintype.NotFound) {
		return nil // given up
	}
	if err != nil || i.Step != t.Step {
		return err
	}
	more := false
	switch i.State {
	case tintype.TaskReading:
		var unpacked bool
		if unpacked, err = s.unpack(ctx, &i); err == nil && unpacked {
			return nil // the next step reads it
		}
		if err == nil && i.State == tintype.TaskReading {
			err = s.readArchive(ctx, &i)
		}
	case tintype.TaskRunning:
		more, err = s.importSome(ctx, &i)
	case tintype.TaskUndoing:
		more, err = s.undoSome(ctx, &i)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	i.Expires = s.c.Clock().Add(keepImports)
	_, err = s.c.Imports.SaveImport(ctx, i, more)
	return err
}

// fileOf is the file of an import, of all its parts.
func (s *Service) fileOf(ctx context.Context, i tintype.Import) *archive.Joined {
	var pieces []archive.Piece
	left := i.Bytes
	for n := range i.Parts {
		size := min(left, i.PartBytes)
		pieces = append(pieces, s.piece(ctx, blob.Part(i.Key, n), size))
		left -= size
	}
	return archive.Join(pieces)
}

// openArchive opens the file of an import.
func (s *Service) openArchive(ctx context.Context, i tintype.Import) (*archive.Joined, *archive.Zip, error) {
	j := s.fileOf(ctx, i)
	z, err := archive.Open(j, j, j.Size(), archive.Limits{})
	if err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	return j, z, nil
}

// failed ends an import for a reason that its user is to hear, and gives all other errors back.
func failed(i *tintype.Import, err error) error {
	if !tintype.IsKind(err, tintype.Invalid) {
		return err
	}
	i.State, i.Reason = tintype.TaskFailed, because(string(archive.CodeOf(err)), 0, message(err))
	return nil
}

const (
	itemBatch = 200 // rows that are written at a time
	maxTitle  = 80  // code points
)

// readArchive finds out what is in an archive and writes it down.
func (s *Service) readArchive(ctx context.Context, i *tintype.Import) error {
	j, z, err := s.openArchive(ctx, *i)
	if err != nil {
		return failed(i, err)
	}
	defer j.Close()
	c, err := z.Read()
	if err != nil {
		return failed(i, err)
	}
	i.Format, i.Total = c.Format, len(c.Items)
	if i.Total == 0 {
		i.State, i.Reason = tintype.TaskFailed, because(WhyEmpty, 0, "")
		return nil
	}
	found := map[string]*Found{}
	var sections []string
	batch := make([]tintype.ImportItem, 0, itemBatch)
	for n, it := range c.Items {
		data, err := json.Marshal(it)
		if err != nil {
			return err
		}
		batch = append(batch, tintype.ImportItem{N: n, Key: it.Key, Taken: it.Taken, Title: title(it), Data: string(data)})
		f := found[it.Section]
		if f == nil {
			f = &Found{Section: it.Section}
			found[it.Section], sections = f, append(sections, it.Section)
		}
		f.count(it)
		if len(batch) == itemBatch || n == len(c.Items)-1 {
			if err := s.c.Items.AddItems(ctx, i.UserID, i.ID, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	slices.Sort(sections)
	p := plan{Choice: Choice{Sections: []string{archive.SectionPosts}, Places: PlacesExact}}
	for _, name := range sections {
		p.Found = append(p.Found, *found[name])
	}
	text, err := json.Marshal(p)
	i.Options, i.State = string(text), tintype.TaskWaiting
	return err
}

func (f *Found) count(it archive.Item) {
	f.Items++
	if it.Skip != "" {
		f.Left++
		return
	}
	if !it.Taken.IsZero() {
		if f.First.IsZero() || it.Taken.Before(f.First) {
			f.First = it.Taken
		}
		if it.Taken.After(f.Last) {
			f.Last = it.Taken
		}
	}
}

// title is how an item is called in lists: how its caption begins, or its file.
func title(it archive.Item) string {
	s := strings.Join(strings.Fields(it.Caption), " ")
	if it.People != nil {
		s = strings.TrimSuffix(it.People.List, ".json")
	}
	if s == "" && len(it.Pictures) > 0 {
		s = it.Pictures[0].File[strings.LastIndexByte(it.Pictures[0].File, '/')+1:]
	}
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if r := []rune(s); len(r) > maxTitle {
		s = string(r[:maxTitle-1]) + "…"
	}
	return s
}

// importSome makes posts until its time is over; more is false once nothing waits.
func (s *Service) importSome(ctx context.Context, i *tintype.Import) (more bool, err error) {
	begun := time.Now() // of this process's own work, whatever the site's clock says
	j, z, err := s.openArchive(ctx, *i)
	if err != nil {
		return false, failed(i, err)
	}
	defer j.Close()
	_, choice := Plan(*i)
	const page = 20
	for after := -1; ; {
		items, err := s.c.Items.ItemsIn(ctx, i.UserID, i.ID, tintype.ItemWaiting, after, page)
		if err != nil {
			return false, err
		}
		for _, it := range items {
			if time.Since(begun) > stepTime {
				return true, nil
			}
			// Its user may have paused it, or given it up.
			if now, err := s.c.Imports.Import(ctx, i.UserID, i.ID); err != nil || now.Step != i.Step {
				if tintype.IsKind(err, tintype.NotFound) {
					err = nil
				}
				return false, err
			}
			refused, err := s.c.MayPublish(ctx, i.UserID)
			if err != nil {
				return false, err
			}
			if refused != nil {
				i.State, i.Reason = tintype.TaskRefused, because(WhyRefused, 0, message(refused))
				return false, nil
			}
			err = s.importItem(ctx, i, z, choice, it)
			if tintype.IsKind(err, tintype.Full) || tintype.IsKind(err, tintype.Forbidden) {
				code := WhyRefused
				if tintype.IsKind(err, tintype.Full) {
					code = WhyFull
				}
				i.State, i.Reason = tintype.TaskPaused, because(code, 0, message(err))
				return false, nil
			}
			if err != nil {
				return false, err
			}
			after = it.N
		}
		if len(items) < page {
			i.State = tintype.TaskDone
			return false, nil
		}
	}
}

func message(err error) string {
	var te *tintype.Error
	if errors.As(err, &te) {
		return te.Msg
	}
	return "something went wrong here; the people who run the site can see what"
}

// undoSome deletes posts that an import made, until its time is over; more is false once there are none.
func (s *Service) undoSome(ctx context.Context, i *tintype.Import) (more bool, err error) {
	begun := time.Now()
	const batch = 50
	for time.Since(begun) < stepTime {
		posts, err := s.c.Made.Made(ctx, i.UserID, i.ID, batch)
		if err != nil {
			return false, err
		}
		for _, p := range posts {
			if err := s.c.Publish.Delete(ctx, i.UserID, p); err != nil && !tintype.IsKind(err, tintype.NotFound) {
				return false, err
			}
		}
		if err := s.c.Made.Forget(ctx, i.UserID, i.ID, posts); err != nil {
			return false, err
		}
		if len(posts) < batch {
			i.State = tintype.TaskUndone
			return false, nil
		}
	}
	return true, nil
}
