package webapp

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// types are the types of the app's files. Nothing is guessed.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml; charset=utf-8",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json; charset=utf-8",
	".webp":        "image/webp",
	".woff2":       "font/woff2",
}

// file is one file of the app, in memory.
type file struct {
	name   string
	typ    string
	etag   string
	data   []byte
	hashed bool          // its name changes with its content
	packed func() []byte // gzip, made when first asked for; nil if it does not pay
}

// readFiles reads all files of the built app. What has no known type is left out.
func readFiles(dir fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		typ := types[path.Ext(name)]
		if typ == "" {
			return nil
		}
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		f := &file{name: name, typ: typ, data: data, hashed: strings.HasPrefix(name, "assets/"),
			etag: base64.RawURLEncoding.EncodeToString(sum[:12])}
		if strings.HasPrefix(typ, "text/") || strings.Contains(typ, "json") || strings.Contains(typ, "svg") {
			f.packed = sync.OnceValue(func() []byte { return pack(data) })
		}
		files["/"+name] = f
		return nil
	})
	return files, err
}

// pack compresses, or gives nil where that saves nothing.
func pack(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(data); err != nil || w.Close() != nil || b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.typ)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if f.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	data, etag := f.data, f.etag
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			if p := f.packed(); p != nil {
				data, etag = p, etag+"-gz"
				h.Set("Content-Encoding", "gzip")
				// ServeContent leaves the length of encoded content alone.
				if r.Header.Get("Range") == "" {
					h.Set("Content-Length", strconv.Itoa(len(data)))
				}
			}
		}
	}
	h.Set("Etag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// takesGzip reports whether the client takes gzip: it is named, and not with q=0.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		v, ok := strings.CutPrefix(strings.TrimSpace(q), "q=")
		if !ok {
			return true
		}
		f, err := strconv.ParseFloat(v, 64)
		return err == nil && f > 0
	}
	return false
}
