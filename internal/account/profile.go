package account

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Private gives what only the user may know of their account.
func (s *Service) Private(ctx context.Context, user tintype.ID) (Private, error) {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return Private{}, err
	}
	if a == nil {
		return Private{}, errNoUser
	}
	return Private{Email: a.Email, EmailVerified: !a.Verified.IsZero(), Locale: a.Locale, Admin: a.Admin, Moderator: a.Moderator}, nil
}

// UpdateProfile changes parts of a profile and gives the whole. All is checked
// first; then what may clash with others (the username) is written before
// what cannot. The e-mail address has ChangeEmail.
func (s *Service) UpdateProfile(ctx context.Context, user tintype.ID, c Changes) (*tintype.User, error) {
	u, err := s.c.Profiles.Profile(ctx, user)
	if err != nil {
		return nil, err
	}
	if u == nil || u.State != tintype.UserActive {
		return nil, errNoUser
	}
	pc := tintype.ProfileChanges{Private: c.Private, ShowsMap: c.ShowsMap, HidesLikes: c.HidesLikes}
	var locale string
	if c.Username != nil {
		if _, _, err := newUsername(*c.Username); err != nil && !strings.EqualFold(*c.Username, u.Username) {
			return nil, err
		}
	}
	if pc.FullName, err = checked(c.FullName, FullName); err != nil {
		return nil, err
	}
	if pc.Bio, err = checked(c.Bio, Bio); err != nil {
		return nil, err
	}
	if pc.Website, err = checked(c.Website, Website); err != nil {
		return nil, err
	}
	if c.Locale != nil {
		if locale, err = Locale(*c.Locale); err != nil {
			return nil, err
		}
	}

	if c.Username != nil && !strings.EqualFold(*c.Username, u.Username) {
		if err := s.rename(ctx, u, *c.Username); err != nil {
			return nil, err
		}
	}
	if c.Locale != nil {
		if err := s.c.Accounts.SetLocale(ctx, user, locale); err != nil {
			return nil, err
		}
	}
	u, err = s.c.Profiles.UpdateProfile(ctx, user, pc)
	s.c.Changed(ctx, user)
	return u, err
}

// checked applies f to a value that is to be changed.
func checked(v *string, f func(string) (string, error)) (*string, error) {
	if v == nil {
		return nil, nil
	}
	out, err := f(*v)
	return &out, err
}

// AvatarSizes are the widths, in pixels, that a profile picture is kept in; it is square.
func AvatarSizes() []int { return []int{150, 320} }

// avatarName is the blob of one size of a profile picture.
func avatarName(user tintype.ID, key, size string) string {
	return "avatars/" + user.String() + "/" + key + "/" + strings.TrimSuffix(size, "s") + ".jpg"
}

// AvatarFiles are the blobs of a profile picture.
func AvatarFiles(user tintype.ID, key string) []string {
	var out []string
	for _, size := range imaging.AvatarSizes() {
		out = append(out, avatarName(user, key, size))
	}
	return out
}

// SetAvatar makes the picture in src the user's profile picture: a square from
// its middle, in all of AvatarSizes. The former one's files are deleted by a job.
func (s *Service) SetAvatar(ctx context.Context, user tintype.ID, src io.Reader) (*tintype.User, error) {
	if s.c.Renderer == nil || s.c.Blobs == nil {
		return nil, tintype.Errorf(tintype.Unavailable, "profile pictures cannot be made here")
	}
	key := randomID()
	put := &blobSink{ctx: ctx, store: s.c.Blobs, name: func(size string) string { return avatarName(user, key, size) }}
	if _, err := s.c.Renderer.Render(ctx, src, imaging.Plan{Sizes: imaging.AvatarSizes()}, put.open); err != nil {
		s.dropBlobs(ctx, user, key)
		return nil, err
	}
	u, err := s.setAvatarKey(ctx, user, key)
	if err != nil {
		s.dropBlobs(ctx, user, key)
		return u, err
	}
	s.c.Weighed(ctx, user, put.bytes)
	return u, err
}

// RemoveAvatar takes the profile picture away.
func (s *Service) RemoveAvatar(ctx context.Context, user tintype.ID) (*tintype.User, error) {
	u, err := s.setAvatarKey(ctx, user, "")
	if err == nil {
		s.c.Weighed(ctx, user, 0)
	}
	return u, err
}

func (s *Service) setAvatarKey(ctx context.Context, user tintype.ID, key string) (*tintype.User, error) {
	u, err := s.c.Profiles.SetAvatarKey(ctx, user, key, func(old string) []string { return AvatarFiles(user, old) })
	s.c.Changed(ctx, user)
	return u, err
}

// dropBlobs deletes the files of a profile picture that did not come to be,
// unless it did: the answer of the write may have been lost.
func (s *Service) dropBlobs(ctx context.Context, user tintype.ID, key string) {
	ctx = context.WithoutCancel(ctx)
	if u, err := s.c.Profiles.Profile(ctx, user); err != nil || u != nil && u.AvatarKey == key {
		return
	}
	_ = s.c.Blobs.Delete(ctx, AvatarFiles(user, key)...)
}

// OpenAvatar opens a profile picture of one of AvatarSizes; NotFound if there is none of that key.
func (s *Service) OpenAvatar(ctx context.Context, user tintype.ID, key string, size int) (blob.File, error) {
	if s.c.Blobs == nil || !slices.Contains(AvatarSizes(), size) || !isRandomID(key) {
		return nil, tintype.Errorf(tintype.NotFound, "there is no such picture")
	}
	if size == 150 {
		return s.c.Blobs.Open(ctx, avatarName(user, key, imaging.Size150s))
	}
	return s.c.Blobs.Open(ctx, avatarName(user, key, imaging.Size320s))
}

// isRandomID reports whether s has the form that randomID gives.
func isRandomID(s string) bool { return len(s) == 22 && unreserved(s, "") }

// blobSink gives what is written to it to a blob store, one file at a time.
type blobSink struct {
	bytes int64 // written so far
	ctx   context.Context
	store blob.Store
	name  func(size string) string
}

func (b *blobSink) open(size string) (io.WriteCloser, error) {
	r, w := io.Pipe()
	p := &blobPart{w: w, sum: &b.bytes, done: make(chan error, 1)}
	go func() {
		_, err := b.store.Put(b.ctx, b.name(size), r)
		r.CloseWithError(err)
		p.done <- err
	}()
	return p, nil
}

type blobPart struct {
	w    *io.PipeWriter
	sum  *int64
	done chan error
}

func (p *blobPart) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	*p.sum += int64(n)
	return n, err
}

// Close ends the file and waits until it is stored.
func (p *blobPart) Close() error {
	p.w.Close()
	return <-p.done
}
