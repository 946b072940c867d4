package api

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

// FuzzMultipart sends anything as a form with a file: what comes out is no longer than what went in, and what goes
// wrong is the sender's fault.
func FuzzMultipart(f *testing.F) {
	part := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
	f.Add("multipart/form-data; boundary=b", []byte(part+"bytes\r\n--b--\r\n"))
	f.Add("multipart/form-data; boundary=b", []byte(strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n", 30)+part))
	f.Add("multipart/form-data", []byte(part))
	f.Add("multipart/mixed; boundary=b", []byte(part))
	f.Add("image/jpeg", []byte("\xff\xd8\xff"))
	f.Add("multipart/form-data; boundary=\"\"", []byte("----"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v1/uploads", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		c := &call{r: r, w: httptest.NewRecorder(), route: &Route{Body: fileBody}}
		err := c.readForm()
		var src io.Reader
		if err == nil {
			src, _, err = c.file()
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(src)
		}
		if len(b) > len(body) {
			t.Fatalf("%d bytes became %d", len(body), len(b))
		}
		if s, _, _, _ := resolve(err); err != nil && s.status >= http.StatusInternalServerError && tintype.KindOf(err) == tintype.Internal {
			t.Fatalf("%q %q: %v", contentType, body, err)
		}
	})
}
