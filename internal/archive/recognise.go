package archive

import (
	"encoding/json"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// Contents is what an archive holds.
type Contents struct {
	Format string
	Items  []Item // the oldest first
}

// maxItems is how many items one archive may have.
const maxItems = 100_000

// maxText is how long a file of descriptions may be, in bytes.
const maxText = 256 << 20

// Read recognises the form of a zip by what is in it, and lists its items. An
// archive of none of the forms, or of one that cannot be taken, is an Invalid
// error that says what to do.
func (z *Zip) Read() (*Contents, error) {
	for _, form := range []func(*Zip) (*Contents, error){readTintype, readInstagram, readMastodon, readPixelfed} {
		c, err := form(z)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		if len(c.Items) > maxItems {
			return nil, bad(CodeTooMany, "there are %d posts in this archive; at most %d are taken", len(c.Items), maxItems)
		}
		unique(c.Items)
		return c, nil
	}
	if slices.ContainsFunc(z.files, func(f *File) bool { return instagramHTML.MatchString(f.Name) }) {
		return nil, bad(CodeHTML, "this is an Instagram download in the form HTML, which is for reading and cannot be imported. Ask Instagram for another one: Accounts Center, Your information and permissions, Download your information; "+
			"and choose the format JSON")
	}
	return nil, bad(CodeUnknown, "this archive is none that is known here: an Instagram download (in the form JSON), an archive of Tintype, Mastodon or Pixelfed")
}

// unique numbers keys that come again, so that all items have their own.
func unique(items []Item) {
	seen := make(map[string]int, len(items))
	for i := range items {
		k := items[i].Key
		if n := seen[k]; n > 0 {
			items[i].Key = k + "#" + string(rune('0'+min(n, 9)))
			if n >= 9 {
				items[i].Key = k + "#" + digest(k+strings.Repeat("+", n))
			}
		}
		seen[k]++
	}
}

var instagramHTML = regexp.MustCompile(`(^|/)(content|media|your_instagram_activity/[a-z]+)/(posts_\d+|stories|archived_posts|reels)\.html$`)

// root finds the one file that matches and gives what its name begins with besides; ok is false if there is none.
func (z *Zip) root(name string) (prefix string, ok bool) {
	for _, f := range z.files {
		if f.Name == name || strings.HasSuffix(f.Name, "/"+name) {
			p := strings.TrimSuffix(f.Name, name)
			if !ok || len(p) < len(prefix) {
				prefix, ok = p, true
			}
		}
	}
	return prefix, ok
}

// each decodes the elements of a JSON array one after the other, so that only one is held.
func each[T any](f *File, yield func(T) error) error {
	r, err := f.Open()
	if err != nil {
		return wrongFile(f, err)
	}
	defer r.Close()
	if f.Size > maxText {
		return bad(CodeFile, "the file %s in the archive is too large", path.Base(f.Name))
	}
	dec := json.NewDecoder(r)
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return wrongFile(f, err)
	}
	for n := 0; dec.More(); n++ {
		if n > maxItems {
			return bad(CodeTooMany, "there are more than %d posts in this archive", maxItems)
		}
		var v T
		if err := dec.Decode(&v); err != nil {
			return wrongFile(f, err)
		}
		if err := yield(v); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return wrongFile(f, err)
	}
	_, err = io.Copy(io.Discard, r) // to its checksum
	return err
}

// decode reads a JSON file as a whole.
func decode(f *File, v any) error {
	if f.Size > maxText/4 {
		return bad(CodeFile, "the file %s in the archive is too large", path.Base(f.Name))
	}
	r, err := f.Open()
	if err != nil {
		return wrongFile(f, err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return wrongFile(f, err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return wrongFile(f, err)
	}
	return nil
}

// wrongFile says which file of an archive cannot be read, unless it is the source that fails.
func wrongFile(f *File, err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	if err == nil || errors.As(err, &syntax) || errors.As(err, &typ) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return bad(CodeFile, "the file %s in the archive cannot be read: it is not what it should be", path.Base(f.Name))
	}
	if tintype.IsKind(err, tintype.Invalid) {
		return bad(CodeFile, "the file %s in the archive cannot be read: %v", path.Base(f.Name), message(err))
	}
	return err
}

func message(err error) string {
	var te *tintype.Error
	if errors.As(err, &te) {
		return te.Msg
	}
	return err.Error()
}
