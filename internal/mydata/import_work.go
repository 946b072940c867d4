package mydata

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
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
		err = s.readArchive(ctx, &i)
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

// openArchive opens the file of an import.
func (s *Service) openArchive(ctx context.Context, i tintype.Import) (*archive.Joined, *archive.Zip, error) {
	var pieces []archive.Piece
	left := i.Bytes
	for n := range i.Parts {
		size := min(left, i.PartBytes)
		pieces = append(pieces, s.piece(ctx, blob.Part(i.Key, n), size))
		left -= size
	}
	j := archive.Join(pieces)
	z, err := archive.OpenZip(j, j.Size(), archive.Limits{})
	if err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	return j, z, nil
}

// failed ends an import for a reason that its user is to hear, and gives all other errors back.
func failed(i *tintype.Import, err error) error {
	var te *tintype.Error
	if !tintype.IsKind(err, tintype.Invalid) || !errors.As(err, &te) {
		return err
	}
	i.State, i.Reason = tintype.TaskFailed, te.Msg
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
		i.State, i.Reason = tintype.TaskFailed, "there are no posts in this archive"
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
				i.State, i.Reason = tintype.TaskPaused, message(refused)
				return false, nil
			}
			err = s.importItem(ctx, i, z, choice, it)
			if tintype.IsKind(err, tintype.Full) || tintype.IsKind(err, tintype.Forbidden) {
				i.State, i.Reason = tintype.TaskPaused, message(err)
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

// importItem makes a post of an item and settles it. An error is one of the site's: the item is taken again.
func (s *Service) importItem(ctx context.Context, i *tintype.Import, z *archive.Zip, choice Choice, item tintype.ImportItem) error {
	var it archive.Item
	if err := json.Unmarshal([]byte(item.Data), &it); err != nil {
		return err
	}
	settle := func(state tintype.ItemState, post tintype.ID, reason string) error {
		item.State, item.PostID, item.Reason = state, post, reason
		return s.c.Items.SettleItem(ctx, i.UserID, i.ID, item)
	}
	if why := choice.leaves(it); why != "" {
		return settle(tintype.ItemSkipped, 0, why)
	}
	was, err := s.here(ctx, i.UserID, it)
	if err != nil {
		return err
	}
	if was != 0 {
		return settle(tintype.ItemSkipped, was, alreadyHere)
	}
	d, taken, wrong, err := s.uploadAll(ctx, i.UserID, z, it)
	if err != nil {
		return err
	}
	drop := func() {
		for _, u := range d.Uploads {
			_ = s.c.Publish.DeleteUpload(context.WithoutCancel(ctx), i.UserID, u) // else the sweep finds it in a day
		}
	}
	if len(d.Uploads) == 0 {
		state := tintype.ItemFailed
		if !slices.ContainsFunc(wrong, func(w string) bool { return w != isVideo }) {
			state = tintype.ItemSkipped
		}
		return settle(state, 0, strings.Join(wrong, "; "))
	}
	notes := wrong
	if it.Note != "" {
		notes = append([]string{it.Note}, notes...)
	}
	if !taken.IsZero() && taken.Year() < 2010 {
		notes = append(notes, "it is from "+taken.Format("2006")+"; the dates of posts here begin with 2010")
	}
	d.Caption, d.Approximate = it.Caption, choice.Places == PlacesApproximate
	if p := it.Place; p != nil && choice.Places != PlacesNone {
		d.Location = &tintype.Location{Name: p.Name}
		d.Location.SetPoint(p.Latitude, p.Longitude)
	}
	past := tintype.Past{Taken: taken, Import: i.ID, N: item.N, Key: item.Key, Note: strings.Join(notes, "; ")}
	post, before, err := s.c.Publish.PublishPast(ctx, i.UserID, d, past)
	if err != nil {
		drop()
		if transient(err) {
			return err
		}
		// It may have been given up, or be undone, at this moment: then nothing is to come of it.
		if now, e := s.c.Imports.Import(ctx, i.UserID, i.ID); tintype.IsKind(err, tintype.Conflict) && (e != nil || now.Step != i.Step) {
			return nil
		}
		return settle(tintype.ItemFailed, 0, message(err))
	}
	if before {
		drop()
		return settle(tintype.ItemSkipped, post, alreadyHere)
	}
	return nil // settled with the post
}

// Why items are left out.
const (
	alreadyHere = "it is here already"
	isVideo     = "it is a video; only photos are taken here"
)

// leaves says why an item is not wanted; "" if it is.
func (c Choice) leaves(it archive.Item) string {
	switch {
	case it.Skip != "":
		return it.Skip
	case !slices.Contains(c.Sections, it.Section):
		return "you left out its kind: " + it.Section
	case !c.From.IsZero() && it.Taken.Before(c.From), !c.To.IsZero() && !it.Taken.Before(c.To):
		return "you left out its time"
	}
	return ""
}

// here gives the post that an item is already, 0 if it is none.
func (s *Service) here(ctx context.Context, user tintype.ID, it archive.Item) (tintype.ID, error) {
	if was, err := s.c.Made.Imported(ctx, user, it.Key); err != nil || was != 0 {
		return was, err
	}
	if it.Post == "" {
		return 0, nil
	}
	id, err := tintype.ParseID(it.Post)
	if err != nil {
		return 0, nil // of some other site's making
	}
	posts, err := s.c.Posts.Posts(ctx, []tintype.ID{id})
	if err != nil || len(posts) == 0 || posts[0].UserID != user || it.Taken.Unix() != id.Time().Unix() {
		return 0, err
	}
	return id, nil
}

// uploadAll takes the pictures of an item out of the archive. wrong says what is the matter with those that cannot be
// taken; taken is when the item was published, or, where that is not known, when its first picture was taken.
func (s *Service) uploadAll(ctx context.Context, user tintype.ID, z *archive.Zip, it archive.Item) (d Draft, taken time.Time, wrong []string, err error) {
	const most = 20
	taken = it.Taken
	for n, p := range it.Pictures {
		if n == most {
			wrong = append(wrong, "only its first twenty photos are taken")
			break
		}
		u, why, err := s.uploadOne(ctx, user, z, p)
		if err != nil {
			for _, u := range d.Uploads {
				_ = s.c.Publish.DeleteUpload(context.WithoutCancel(ctx), user, u) // else the sweep finds it in a day
			}
			return d, taken, nil, err
		}
		if u == nil {
			if why != isVideo && len(it.Pictures) > 1 {
				why = "photo " + strconv.Itoa(n+1) + ": " + why
			}
			wrong = append(wrong, why)
			continue
		}
		if taken.IsZero() && u.Camera != nil {
			taken = u.Camera.Taken
		}
		d.Uploads, d.AltTexts = append(d.Uploads, u.ID), append(d.AltTexts, p.Alt)
		var edits json.RawMessage
		if p.Edits != "" {
			edits = json.RawMessage(p.Edits)
		}
		d.Edits = append(d.Edits, edits)
	}
	return d, taken, wrong, nil
}

// uploadOne takes one picture; u is nil if it cannot be taken, and why says why. An error is one of the site's.
func (s *Service) uploadOne(ctx context.Context, user tintype.ID, z *archive.Zip, p archive.Picture) (u *tintype.Upload, why string, err error) {
	f := z.File(p.File)
	if f == nil {
		return nil, "its file is not in this archive; if there are several, it may be in another", nil
	}
	r, err := f.Open()
	if err == nil {
		head := make([]byte, 12)
		n, e := io.ReadFull(r, head)
		if e == io.EOF || e == io.ErrUnexpectedEOF {
			e = nil
		}
		switch err = e; {
		case err == nil && movie(head[:n]):
			why = isVideo
		case err == nil:
			u, err = s.c.Publish.Upload(ctx, user, io.MultiReader(strings.NewReader(string(head[:n])), r), f.Size)
		}
		r.Close()
	}
	if err != nil {
		if transient(err) || tintype.IsKind(err, tintype.Full) || tintype.IsKind(err, tintype.Forbidden) {
			return nil, "", err
		}
		return nil, cmp.Or(message(err), "it cannot be read"), nil
	}
	return u, why, nil
}

// movie reports whether a file begins as a film does: of the ISO family (ISO/IEC 14496-12, 4.3), whose brands for pictures are others, or Matroska.
func movie(head []byte) bool {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch brand := string(head[8:12]); {
		case strings.HasPrefix(brand, "mp4"), strings.HasPrefix(brand, "iso"), strings.HasPrefix(brand, "avc"), strings.HasPrefix(brand, "M4V"), brand == "qt  ", strings.HasPrefix(brand, "3gp"):
			return true
		}
	}
	return len(head) >= 4 && string(head[:4]) == "\x1a\x45\xdf\xa3"
}

// transient reports whether an error is of the moment, so that trying again may help.
func transient(err error) bool {
	return tintype.IsKind(err, tintype.Unavailable) || tintype.IsKind(err, tintype.RateLimited) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
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
