package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

type entry struct {
	name, text string
	change     func(*zip.FileHeader)
}

// zipOf makes a zip as others do.
func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.change != nil {
			e.change(h)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(f, e.text)
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

func open(b []byte, l archive.Limits) (*archive.Zip, error) {
	return archive.OpenZip(bytes.NewReader(b), int64(len(b)), l)
}

func read(f *archive.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

func TestZip(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 5000)
	b := zipOf(t, entry{name: "a.txt", text: "hello"}, entry{name: "dir/", text: ""}, entry{name: "dir/b.txt", text: long},
		entry{name: "stored", text: "as it is", change: func(h *zip.FileHeader) { h.Method = zip.Store }},
		entry{name: "caf\x82.txt", text: "old", change: func(h *zip.FileHeader) { h.NonUTF8 = true }}, entry{name: "été.txt", text: "new"},
		entry{name: "__MACOSX/._a.txt", text: "nothing"})
	for _, before := range []string{"", "a program that unpacks itself"} {
		z, err := open(append([]byte(before), b...), archive.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"a.txt": "hello", "dir/b.txt": long, "stored": "as it is", "café.txt": "old", "été.txt": "new"} {
			if f := z.File(name); f == nil {
				t.Errorf("%s is not there", name)
			} else if got, err := read(f); got != want || err != nil {
				t.Errorf("%s is %.20q, %v", name, got, err)
			}
		}
		if n := len(z.Files()); n != 5 {
			t.Errorf("%d files", n)
		}
	}
}

// TestHostileZips are zips that are made to do harm, or broken.
func TestHostileZips(t *testing.T) {
	t.Parallel()
	le := binary.LittleEndian
	good := zipOf(t, entry{name: "a.txt", text: "hello"}, entry{name: "b.txt", text: "world", change: func(h *zip.FileHeader) { h.Method = zip.Store }})
	central := bytes.Index(good, []byte("PK\x01\x02"))
	second := central + 1 + bytes.Index(good[central+1:], []byte("PK\x01\x02"))
	change := func(f func(b []byte)) []byte {
		b := bytes.Clone(good)
		f(b)
		return b
	}
	many := make([]entry, 300)
	for i := range many {
		many[i] = entry{name: fmt.Sprint(i)}
	}
	bomb := zipOf(t, entry{name: "zeros", text: strings.Repeat("\x00", 80<<20)})
	for _, c := range []struct {
		name string
		zip  []byte
		want string
	}{
		{"nothing", nil, "not a zip"},
		{"a picture", []byte(strings.Repeat("JFIF", 100)), "not a zip"},
		{"cut", good[:len(good)-30], "not whole"},
		{"without its middle", append(bytes.Clone(good[:20]), good[central:]...), "not whole"},
		{"several disks", change(func(b []byte) { le.PutUint16(b[len(b)-18:], 1) }), "several parts"},
		{"more files than there can be", change(func(b []byte) { le.PutUint16(b[len(b)-12:], 5000) }), "not whole"},
		{"a file behind the end", change(func(b []byte) { le.PutUint32(b[second+42:], 1<<30) }), "not whole"},
		{"a file longer than the zip", change(func(b []byte) { le.PutUint32(b[second+20:], 1<<30) }), "not whole"},
		{"files upon each other", change(func(b []byte) { le.PutUint32(b[second+42:], 0) }), "upon each other"},
		{"files that overlap", change(func(b []byte) { le.PutUint32(b[second+42:], le.Uint32(b[second+42:])-30) }), "upon each other"},
		{"too many files", zipOf(t, many...), "files in this zip"},
		{"a bomb", bomb, "times its size"},
		{"too much", zipOf(t, entry{name: "large", text: "0", change: nil}, entry{name: "b", text: strings.Repeat("b", 2000)}), "unpacks to more"},
	} {
		limits := archive.Limits{Entries: 200}
		if c.name == "too much" {
			limits.Total = 1000
		}
		_, err := open(c.zip, limits)
		if !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", c.name, err, c.want)
		}
	}

	link := func(h *zip.FileHeader) { h.CreatorVersion, h.ExternalAttrs = 3<<8, 0o120777<<16 }
	for _, c := range []struct {
		name string
		zip  []byte
		file string
		want string
	}{
		{"up", zipOf(t, entry{name: "../a", text: "x"}), "../a", "leads out"},
		{"up from within", zipOf(t, entry{name: "b/../../a", text: "x"}), "b/../../a", "leads out"},
		{"absolute", zipOf(t, entry{name: "/etc/passwd", text: "x"}), "/etc/passwd", "leads out"},
		{"of another system", zipOf(t, entry{name: `C:\a`, text: "x"}), `C:\a`, "leads out"},
		{"a link", zipOf(t, entry{name: "a", text: "/etc/passwd", change: link}), "a", "no plain file"},
		{"twice", zipOf(t, entry{name: "a", text: "x"}, entry{name: "a", text: "y"}), "a", "twice"},
		{"encrypted", change(func(b []byte) { b[central+8] |= 1 }), "a.txt", "encrypted"},
		{"encrypted as its own header says", change(func(b []byte) { b[6] |= 1 }), "a.txt", "encrypted"},
		{"packed otherwise", change(func(b []byte) { b[central+10] = 14 }), "a.txt", "not known"},
		{"a wrong checksum", change(func(b []byte) { b[central+16]++ }), "a.txt", "damaged"},
		{"shorter than it says", change(func(b []byte) { b[central+24]++ }), "a.txt", "damaged"},
		{"longer than it says", change(func(b []byte) { b[central+24]-- }), "a.txt", "damaged"},
		{"stored with two sizes", change(func(b []byte) { b[second+24]-- }), "b.txt", "contradict"},
		{"no header", change(func(b []byte) { b[0] = 'X' }), "a.txt", "not where"},
		{"a name that reaches into the next", change(func(b []byte) { b[26] = 200 }), "a.txt", "upon another"},
		{"damaged", change(func(b []byte) { copy(b[38:], "\xff\xff\xff") }), "a.txt", "damaged"},
	} {
		z, err := open(c.zip, archive.Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f := z.File(c.file)
		if f == nil {
			t.Errorf("%s: %q is not there", c.name, c.file)
			continue
		}
		if got, err := read(f); !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v, want something with %q", c.name, got, err, c.want)
		}
	}
}

// TestManyFiles reads a zip of 100,000 files.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	entries := make([]entry, 100_000)
	for i := range entries {
		entries[i] = entry{name: fmt.Sprintf("dir/%d", i), change: func(h *zip.FileHeader) { h.Method = zip.Store }}
	}
	entries[99_999].text = "the last"
	z, err := open(zipOf(t, entries...), archive.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := read(z.File("dir/99999")); got != "the last" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzZip(f *testing.F) {
	f.Add(zipOf(f, entry{name: "a", text: "hello"}, entry{name: "content/posts_1.json", text: `[{"media":[{"uri":"a","title":null}]}]`}))
	f.Add(zipOf(f, entry{name: "media.json", text: `{"photos":[{"caption":"x","path":"a"}]}`}))
	f.Add(zipOf(f, entry{name: "outbox.json", text: `{"orderedItems":[{"type":"Create","object":{"type":"Note","attachment":[{"url":"/a"}]}}]}`}))
	f.Add(zipOf(f, entry{name: "tintype.json", text: `{"format":"tintype-archive","version":1}`}, entry{name: "posts.json", text: `[{"id":"1","media":[{"file":"a"}]}]`}))
	f.Add(zipOf(f, entry{name: "pixelfed-statuses.json", text: `[{"id":"1","media_attachments":[{"url":"https://x/a"}]}]`}))
	large, err := io.ReadAll(archive.Join(archive.Layout(make([]archive.Entry, 3))))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(large)
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := open(b, archive.Limits{Entries: 1000, Total: 10 << 20, Ratio: 20})
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
				n, err = io.Copy(io.Discard, r)
				if n > file.Size {
					t.Fatalf("%s has more bytes than it says", file.Name)
				}
				r.Close()
			}
			if err != nil && !tintype.IsKind(err, tintype.Invalid) {
				t.Fatalf("%s: %v", file.Name, err)
			}
		}
		c, err := z.Read()
		if err != nil {
			if !tintype.IsKind(err, tintype.Invalid) {
				t.Fatal(err)
			}
			return
		}
		keys := map[string]bool{}
		for _, it := range c.Items {
			if it.Key == "" || keys[it.Key] || it.Skip == "" && len(it.Pictures) == 0 && it.Group == nil && it.People == nil {
				t.Fatalf("%+v", it)
			}
			keys[it.Key] = true
		}
	})
}
