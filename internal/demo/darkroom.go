package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Files is the Darkroom of a real site: the imaging cage and the blob store,
// with the names that uploads get.
type Files struct {
	Imaging *imaging.Pool
	Blobs   blob.Store
	// SetAvatar makes a picture a user's profile picture.
	SetAvatar func(ctx context.Context, user tintype.ID, src io.Reader) (*tintype.User, error)
}

// Develop implements Darkroom.
func (d Files) Develop(ctx context.Context, jpeg []byte) (tintype.Media, error) {
	m := tintype.Media{Key: newKey(), OriginalKey: blob.Original(newKey()), OriginalType: "image/jpeg", OriginalBytes: int64(len(jpeg))}
	if _, err := d.Blobs.Put(ctx, m.OriginalKey, bytes.NewReader(jpeg)); err != nil {
		return m, err
	}
	res, err := d.render(ctx, jpeg, imaging.PostSizes(), func(size string) string { return blob.Rendition(m.Key, size) })
	if err != nil {
		return m, err
	}
	m.Blurhash, m.Camera = res.Blurhash, res.Camera
	for _, r := range res.Renditions {
		m.Made += r.Bytes
		if r.Name == imaging.Size1080 {
			m.Width, m.Height = r.Width, r.Height
		}
	}
	return m, nil
}

// Avatar implements Darkroom.
func (d Files) Avatar(ctx context.Context, user tintype.ID, jpeg []byte) error {
	_, err := d.SetAvatar(ctx, user, bytes.NewReader(jpeg))
	return err
}

func (d Files) render(ctx context.Context, jpeg []byte, sizes []string, name func(size string) string) (imaging.Result, error) {
	made := imaging.Buffers{}
	res, err := d.Imaging.Render(ctx, bytes.NewReader(jpeg), imaging.Plan{Sizes: sizes}, made.Open)
	if err != nil {
		return res, err
	}
	for size, b := range made {
		if _, err := d.Blobs.Put(ctx, name(size), b); err != nil {
			return res, err
		}
	}
	return res, nil
}

// newKey makes the unguessable part of a file's name.
func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// AccountNames is the Names of a real site.
type AccountNames struct{ *account.Service }

// Skeleton implements Names.
func (AccountNames) Skeleton(username string) string { return account.Skeleton(username) }

// Words implements BulkNames.
func (AccountNames) Words(u *tintype.User) []string { return account.NameWords(u) }
