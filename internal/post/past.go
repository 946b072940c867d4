package post

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/tintype"
)

// PublishPast makes a post that was published elsewhere, long ago: it has an ID of
// that time, followers' feeds and activity hear nothing of it, and it names
// nobody, for names elsewhere are not names here. It is found where posts are:
// profile, tags, places, search. What is too long for a post here is cut, and a
// place that cannot be is left out; notes say so. One that comes archived, or for close friends, is
// so from the first: nobody else can have seen it. was is true if it had come before.
func (s *Service) PublishPast(ctx context.Context, user tintype.ID, d Draft, past tintype.Past) (post tintype.ID, was bool, err error) {
	if user == 0 {
		return 0, false, errSignedIn
	}
	caption := d.Caption
	note := func(code string) { past.Notes = append(past.Notes, tintype.Reason{Code: code}) }
	if cut := shortened(caption, MaxCaption); cut != caption {
		if utf8.RuneCountInString(caption) > MaxCaption {
			note(tintype.NoteCaptionCut)
		}
		caption = cut
	}
	for i, t := range d.AltTexts {
		d.AltTexts[i] = shortened(t, MaxAltText)
	}
	location := d.Location
	if location != nil {
		location.Name = shortened(location.Name, MaxPlace)
	}
	d.Caption, d.Location = "", nil
	c, err := s.check(ctx, user, d)
	if err != nil {
		return 0, false, err
	}
	c.post.Caption = caption
	if c.post.Tags = tintype.TagsIn(caption); len(c.post.Tags) > MaxTags {
		c.post.Tags = c.post.Tags[:MaxTags]
		note(tintype.NoteTagsCut)
	}
	if c.post.Location, err = s.place(ctx, location, d.Approximate); tintype.IsKind(err, tintype.Invalid) {
		note(tintype.NotePlaceLeft)
	} else if err != nil {
		return 0, false, err
	}
	var former tintype.ID
	p, err := s.publish(ctx, c, d.Uploads, tintype.Once{UserID: user}, func(ctx context.Context, p *tintype.Post, uploads []tintype.ID, sums [][32]byte, _ tintype.Once) (_ tintype.ID, err error) {
		former, err = s.c.Past.PublishPast(ctx, p, uploads, sums, past)
		return former, err
	})
	if former != 0 {
		return former, true, nil // whether or not it can be shown
	}
	if err != nil {
		return 0, false, err
	}
	return p.ID, false, nil
}

// shortened brings a stranger's text into a form that clean takes.
func shortened(s string, max int) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(strings.ToValidUTF8(s, "�"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(norm.NFC.String(s))
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:max-1])) + "…"
}
