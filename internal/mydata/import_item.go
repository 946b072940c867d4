package mydata

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

// importItem makes a post of an item and settles it. An error is one of the site's: the item is taken again.
func (s *Service) importItem(ctx context.Context, i *tintype.Import, z *archive.Zip, choice Choice, item tintype.ImportItem) error {
	var it archive.Item
	if err := json.Unmarshal([]byte(item.Data), &it); err != nil {
		return err
	}
	settle := func(state tintype.ItemState, post tintype.ID, why ...tintype.Reason) error {
		item.State, item.PostID, item.Reason = state, post, tintype.Reasons(why).String()
		return s.c.Items.SettleItem(ctx, i.UserID, i.ID, item)
	}
	if why := choice.leaves(it); why.Code != "" {
		return settle(tintype.ItemSkipped, 0, why)
	}
	if it.Group != nil || it.People != nil {
		state, why, err := s.restore(ctx, i.UserID, it)
		if err != nil {
			return err
		}
		return settle(state, 0, why...)
	}
	was, err := s.here(ctx, i.UserID, it)
	if err != nil {
		return err
	}
	if was != 0 {
		return settle(tintype.ItemSkipped, was, tintype.Reason{Code: WhyHere})
	}
	d, taken, wrong, err := s.uploadAll(ctx, i.UserID, z, it)
	if err != nil {
		return err
	}
	if len(d.Uploads) == 0 {
		state := tintype.ItemFailed
		if !slices.ContainsFunc(wrong, func(w tintype.Reason) bool { return w.Code != archive.WhyVideo }) {
			state = tintype.ItemSkipped
		}
		return settle(state, 0, wrong...)
	}
	notes := slices.Concat(it.Notes, wrong)
	if !taken.IsZero() && taken.Year() < 2010 {
		notes = append(notes, tintype.Reason{Code: NoteOld, N: taken.Year()})
	}
	d.Caption, d.Approximate = it.Caption, choice.Places == PlacesApproximate
	if p := it.Place; p != nil && choice.Places != PlacesNone {
		d.Location = &tintype.Location{Name: p.Name, OffMap: p.OffMap}
		d.Location.SetPoint(p.Latitude, p.Longitude)
	}
	past := tintype.Past{Taken: taken, Import: i.ID, N: item.N, Key: item.Key, Notes: notes, Archived: it.Standing.Archived}
	d.stand(it.Standing)
	if n := it.Standing.Pinned; n > 0 {
		// In the order of the archive, and behind what was pinned here since.
		past.Pinned = i.Created.Add(-time.Duration(min(n, 100)) * time.Microsecond)
	}
	post, before, err := s.c.Publish.PublishPast(ctx, i.UserID, d, past)
	if err != nil {
		s.dropUploads(ctx, i.UserID, d)
		if transient(err) {
			return err
		}
		// It may have been given up, or be undone, at this moment: then nothing is to come of it.
		if now, e := s.c.Imports.Import(ctx, i.UserID, i.ID); tintype.IsKind(err, tintype.Conflict) && (e != nil || now.Step != i.Step) {
			return nil
		}
		return settle(tintype.ItemFailed, 0, tintype.Reason{Code: WhyRefused, Text: message(err)})
	}
	if before {
		s.dropUploads(ctx, i.UserID, d)
		return settle(tintype.ItemSkipped, post, tintype.Reason{Code: WhyHere})
	}
	return nil // settled with the post
}

// stand has a post stand here as it stood where it comes from. What is not understood makes it narrower, never wider.
func (d *Draft) stand(st archive.Standing) {
	if st.Audience != "" {
		d.Audience = tintype.AudienceFriends
	}
	if st.HideLikes != nil {
		d.HideLikes = tintype.ChoiceNo
		if *st.HideLikes {
			d.HideLikes = tintype.ChoiceYes
		}
	}
	if st.Commenters != "" {
		var err error
		if d.Commenters, err = tintype.ParseCommenters(st.Commenters); err != nil {
			d.Commenters = tintype.CommentersNobody
		}
	}
}

// leaves says why an item is not wanted; the zero Reason if it is.
func (c Choice) leaves(it archive.Item) tintype.Reason {
	dated := it.Group == nil && it.People == nil
	switch {
	case it.Skip != "":
		return tintype.Reason{Code: it.Skip}
	case !slices.Contains(c.Sections, it.Section):
		return tintype.Reason{Code: WhySection, Text: it.Section}
	case dated && (!c.From.IsZero() && it.Taken.Before(c.From) || !c.To.IsZero() && !it.Taken.Before(c.To)):
		return tintype.Reason{Code: WhyTime}
	}
	return tintype.Reason{}
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
func (s *Service) uploadAll(ctx context.Context, user tintype.ID, z *archive.Zip, it archive.Item) (d Draft, taken time.Time, wrong tintype.Reasons, err error) {
	const most = 20
	taken = it.Taken
	for n, p := range it.Pictures {
		if n == most {
			wrong = append(wrong, tintype.Reason{Code: NoteFirst, N: most})
			break
		}
		u, why, err := s.uploadOne(ctx, user, z, p)
		if err != nil {
			s.dropUploads(ctx, user, d)
			return d, taken, nil, err
		}
		if u == nil {
			if why.Code != archive.WhyVideo && len(it.Pictures) > 1 {
				why.N = n + 1
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

// dropUploads deletes what was uploaded for a post that does not come.
func (s *Service) dropUploads(ctx context.Context, user tintype.ID, d Draft) {
	for _, u := range d.Uploads {
		_ = s.c.Publish.DeleteUpload(context.WithoutCancel(ctx), user, u) // else the sweep finds it in a day
	}
}

// uploadOne takes one picture; u is nil if it cannot be taken, and why says why. An error is one of the site's.
func (s *Service) uploadOne(ctx context.Context, user tintype.ID, z *archive.Zip, p archive.Picture) (u *tintype.Upload, why tintype.Reason, err error) {
	f := z.File(p.File)
	if f == nil {
		return nil, tintype.Reason{Code: WhyNoFile}, nil
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
			why.Code = archive.WhyVideo
		case err == nil:
			u, err = s.c.Publish.Upload(ctx, user, io.MultiReader(strings.NewReader(string(head[:n])), r), f.Size)
		}
		r.Close()
	}
	if err != nil {
		if transient(err) || tintype.IsKind(err, tintype.Full) || tintype.IsKind(err, tintype.Forbidden) {
			return nil, why, err
		}
		return nil, tintype.Reason{Code: WhyPhoto, Text: message(err)}, nil
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
