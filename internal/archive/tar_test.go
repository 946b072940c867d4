package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

type tarEntry struct {
	name, text string
	change     func(*tar.Header)
}

func tarOf(t testing.TB, entries ...tarEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Typeflag: tar.TypeReg}
		if e.change != nil {
			e.change(h)
		}
		err := w.WriteHeader(h)
		if err == nil && h.Size > 0 {
			_, err = io.WriteString(w, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// openPacked opens a .tar.gz as an import does: unpacked first.
func openPacked(b []byte, l archive.Limits) (*archive.Zip, error) {
	r, err := archive.Unpack(bytes.NewReader(b), int64(len(b)), l)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return openAny(plain, l)
}

func openAny(b []byte, l archive.Limits) (*archive.Zip, error) {
	r := bytes.NewReader(b)
	return archive.Open(r, bytes.NewReader(b), int64(len(b)), l)
}

const outboxOfOne = `{"orderedItems": [{"type": "Create", "object": {"id": "https://m.example/1", "type": "Note", "published": "1970-01-01T00:01:40Z", "to": ["as:Public"],
	"content": "<p>Hello</p>", "attachment": [{"mediaType": "image/jpeg", "url": "/media_attachments/files/1/a.jpg"}]}}]}`

// TestTar reads a Mastodon archive in the form in which Mastodon gives it.
func TestTar(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a/", 70) + "long.txt"
	z, err := openPacked(gzipOf(t, tarOf(t, tarEntry{name: "./outbox.json", text: outboxOfOne}, tarEntry{name: "media_attachments/", change: func(h *tar.Header) { h.Typeflag = tar.TypeDir }},
		tarEntry{name: "media_attachments/files/1/a.jpg", text: "a picture"}, tarEntry{name: long, text: "deep"}, tarEntry{name: "empty"})), archive.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"media_attachments/files/1/a.jpg": "a picture", long: "deep", "empty": "", "outbox.json": outboxOfOne} {
		if f := z.File(name); f == nil {
			t.Errorf("%s is not there", name)
		} else if got, err := read(f); got != want || err != nil {
			t.Errorf("%s is %.30q, %v", name, got, err)
		}
	}
	c, err := z.Read()
	if err != nil || c.Format != archive.Mastodon || len(c.Items) != 1 || c.Items[0].Pictures[0].File != "media_attachments/files/1/a.jpg" {
		t.Errorf("%+v, %v", c, err)
	}
	if !archive.Packed(gzipOf(t, nil)) || archive.Packed([]byte("PK\x03\x04")) || archive.Packed(nil) {
		t.Error("what is packed is not known")
	}
}

// TestHostileTars are tar files that are made to do harm, or broken.
func TestHostileTars(t *testing.T) {
	t.Parallel()
	good := tarOf(t, tarEntry{name: "a.txt", text: "hello"}, tarEntry{name: "b.txt", text: "world"})
	packed := gzipOf(t, good)
	many := make([]tarEntry, 300)
	for i := range many {
		many[i] = tarEntry{name: strings.Repeat("x", i+1)}
	}
	for _, c := range []struct {
		name string
		file []byte
		want archive.Code
	}{
		{"cut", packed[:len(packed)/2], archive.CodeCut},
		{"a wrong checksum", func() []byte { b := bytes.Clone(packed); b[len(b)-8]++; return b }(), archive.CodeCut},
		{"no tar", gzipOf(t, []byte(strings.Repeat("JFIF", 300))), archive.CodeUnknown},
		{"nothing", gzipOf(t, nil), archive.CodeUnknown},
		{"cut within", gzipOf(t, good[:700]), archive.CodeCut},
		{"a broken header", gzipOf(t, func() []byte { b := bytes.Clone(good); b[1024+5] ^= 0xff; return b }()), archive.CodeCut},
		{"too many files", gzipOf(t, tarOf(t, many...)), archive.CodeHarmful},
		{"a bomb", gzipOf(t, tarOf(t, tarEntry{name: "zeros", text: strings.Repeat("\x00", 80<<20)})), archive.CodeHarmful},
	} {
		if _, err := openPacked(c.file, archive.Limits{Entries: 200}); !tintype.IsKind(err, tintype.Invalid) || archive.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	to := func(flag byte, target string) func(*tar.Header) {
		return func(h *tar.Header) { h.Typeflag, h.Linkname, h.Size = flag, target, 0 }
	}
	for _, c := range []struct {
		entries []tarEntry
		file    string
		want    string
	}{
		{[]tarEntry{{name: "../a", text: "x"}}, "../a", "leads out"},
		{[]tarEntry{{name: "/etc/passwd", text: "x"}}, "/etc/passwd", "leads out"},
		{[]tarEntry{{name: "link", change: to(tar.TypeSymlink, "/etc/passwd")}}, "link", "no plain file"},
		{[]tarEntry{{name: "hard", change: to(tar.TypeLink, "a")}}, "hard", "no plain file"},
		{[]tarEntry{{name: "device", change: to(tar.TypeChar, "")}}, "device", "no plain file"},
		{[]tarEntry{{name: "a", text: "x"}, {name: "a", text: "y"}}, "a", "twice"},
	} {
		z, err := openPacked(gzipOf(t, tarOf(t, c.entries...)), archive.Limits{})
		if err != nil || z.File(c.file) == nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if got, err := read(z.File(c.file)); !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v, want something with %q", c.file, got, err, c.want)
		}
	}
}

func FuzzTar(f *testing.F) {
	f.Add(tarOf(f, tarEntry{name: "outbox.json", text: outboxOfOne}, tarEntry{name: "media_attachments/files/1/a.jpg", text: "x"}))
	f.Add(gzipOf(f, tarOf(f, tarEntry{name: "./outbox.json", text: outboxOfOne})))
	f.Add(tarOf(f, tarEntry{name: strings.Repeat("a/", 90) + "x", text: "x"}, tarEntry{name: "l", change: func(h *tar.Header) { h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, "x", 0 }}))
	f.Fuzz(func(t *testing.T, b []byte) {
		limits := archive.Limits{Entries: 1000, Total: 10 << 20, Ratio: 20}
		read := openAny
		if archive.Packed(b) {
			read = openPacked
		}
		z, err := read(b, limits)
		if err != nil {
			if !tintype.IsKind(err, tintype.Invalid) {
				t.Fatalf("an archive at hand cannot be read: %v", err)
			}
			return
		}
		for _, file := range z.Files() {
			r, err := file.Open()
			if err == nil {
				var n int64
				if n, err = io.Copy(io.Discard, r); err == nil && n != file.Size {
					t.Fatalf("%s has %d bytes, not the %d it says", file.Name, n, file.Size)
				}
				r.Close()
			}
			if err != nil && !tintype.IsKind(err, tintype.Invalid) {
				t.Fatalf("%s: %v", file.Name, err)
			}
		}
		if _, err := z.Read(); err != nil && !tintype.IsKind(err, tintype.Invalid) {
			t.Fatal(err)
		}
	})
}
