package mydata

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

// exportPost gives what the archive says of a post, and its originals. names are of those who are named in pictures.
func (s *Service) exportPost(ctx context.Context, post *tintype.Post, names map[tintype.ID]string) (archive.Post, []stored, error) {
	out := archive.Post{ID: post.ID.String(), Shortcode: post.ID.Shortcode(), Created: post.ID.Time(), Caption: post.Caption, Tags: post.Tags, Likes: post.Likes, Comments: post.Comments,
		Standing: standing(post)}
	if !post.Edited.IsZero() {
		out.Edited = &post.Edited
	}
	if l := post.Location; l != nil {
		out.Location = &archive.Place{Name: l.Name, OffMap: l.OffMap}
		if l.HasPoint {
			out.Location.Latitude, out.Location.Longitude = &l.Latitude, &l.Longitude
		}
	}
	var files []stored
	for i, m := range post.Media {
		media := archive.Media{Type: m.OriginalType, Bytes: m.OriginalBytes, AltText: m.AltText, Filter: m.Filter, Edits: m.Recipe, Camera: m.Camera, Width: m.Width, Height: m.Height}
		for _, t := range m.People {
			if name := names[t.UserID]; name != "" && t.State != tintype.EdgeGone {
				media.People = append(media.People, archive.Named{Username: name, X: t.X, Y: t.Y, Waits: t.State == tintype.EdgeRequested})
			}
		}
		name := fmt.Sprintf("media/%04d/%02d/%s_%d%s", out.Created.Year(), out.Created.Month(), out.Shortcode, i+1, archive.Extension(m.OriginalType))
		f, err := s.checksum(ctx, m.OriginalKey)
		switch {
		case tintype.IsKind(err, tintype.NotFound):
			media.Missing = true
		case err != nil:
			return out, nil, err
		default:
			media.File = name
			f.Name, f.Modified, f.Post = name, out.Created, post.ID
			files = append(files, f)
		}
		out.Media = append(out.Media, media)
	}
	return out, files, nil
}

// standing is how a post stands, but for where it is pinned.
func standing(post *tintype.Post) archive.Standing {
	st := archive.Standing{Archived: post.Archived, TakenDown: post.TakenDown}
	if post.Audience != tintype.AudienceEveryone {
		st.Audience = archive.AudienceFriends
	}
	if post.HideLikes != tintype.ChoiceDefault {
		hide := post.HideLikes == tintype.ChoiceYes
		st.HideLikes = &hide
	}
	if post.Commenters != tintype.CommentersUnset {
		st.Commenters = post.Commenters.String()
	}
	return st
}

// namesIn gives the usernames of who is named in pictures of user's.
func (s *Service) namesIn(ctx context.Context, user tintype.ID, posts []*tintype.Post) (map[tintype.ID]string, error) {
	var ids []tintype.ID
	for _, p := range posts {
		for _, state := range []int{tintype.EdgeThere, tintype.EdgeRequested} {
			ids = append(ids, tintype.PeopleIn(p.Media, state)...)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	return s.c.Names(ctx, user, slices.Compact(ids))
}

// checksum reads a blob for its size and checksum.
func (s *Service) checksum(ctx context.Context, key string) (stored, error) {
	f, err := s.c.Blobs.Open(ctx, key)
	if err != nil {
		return stored{}, err
	}
	defer f.Close()
	sum := crc32.NewIEEE()
	n, err := io.Copy(sum, f)
	return stored{Key: key, Size: n, CRC: sum.Sum32()}, err
}
