package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// maxDepth is how deep a request's JSON may nest; ours need five.
const maxDepth = 16

var (
	errNotJSON    = &tintype.Error{Kind: tintype.Invalid, Msg: "the body is not well-formed JSON"}
	errBodyType   = &tintype.Error{Kind: tintype.UnsupportedMedia, Msg: "please send the body as application/json, or as a form"}
	errBodyCoding = &tintype.Error{Kind: tintype.UnsupportedMedia, Msg: "compressed request bodies are not taken"}
	errUTF8       = &tintype.Error{Kind: tintype.Invalid, Msg: "the body is not valid UTF-8"}
	errNUL        = &tintype.Error{Kind: tintype.Invalid, Msg: "text must not hold NUL characters"}
)

// decode fills dst, a pointer to a struct with json tags, from the body: JSON
// strictly, or the form that clients of API v1 send. An absent body leaves dst as it is.
func (c *call) decode(dst any) error {
	if c.form != nil {
		return decodeForm(c.form, dst)
	}
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return bodyError(err)
	}
	if len(body) == 0 {
		return nil
	}
	if t, p, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || t != "application/json" ||
		(p["charset"] != "" && !strings.EqualFold(p["charset"], "utf-8")) {
		return errBodyType
	}
	return decodeJSON(body, dst)
}

// decodeJSON reads one JSON object, refusing what different readers would
// understand differently: unknown and repeated keys, lone surrogates, invalid
// UTF-8, trailing bytes; and NUL, which PostgreSQL cannot keep.
func decodeJSON(body []byte, dst any) error {
	if !utf8.Valid(body) {
		return errUTF8
	}
	s := scanner{b: body}
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != '{' {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "the body must be one JSON object"}
	}
	if err := s.value(0); err != nil {
		return err
	}
	if s.space(); s.i != len(s.b) {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "there is something behind the JSON object"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(dst); err != nil {
		return jsonError(err)
	}
	return nil
}

func jsonError(err error) error {
	var te *tintype.Error
	if errors.As(err, &te) {
		return te
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return tintype.FieldError(wrong.Field, "%s must be %s, not %s", wrong.Field, jsonName(wrong.Type), wrong.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return tintype.FieldError(name, "there is no field %q here", name)
	}
	return &tintype.Error{Kind: tintype.Invalid, Msg: errNotJSON.Msg, Err: err}
}

func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonName(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}

// scanner checks JSON that encoding/json would let pass. It need not be a
// complete parser: what it accepts is parsed again.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\n' || s.b[s.i] == '\r') {
		s.i++
	}
}

func (s *scanner) next() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) value(depth int) error {
	if depth > maxDepth {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "the JSON is nested too deeply"}
	}
	switch c := s.next(); c {
	case '{':
		return s.object(depth)
	case '[':
		s.i++
		for first := true; ; first = false {
			switch c := s.next(); {
			case c == ']':
				s.i++
				return nil
			case first:
			case c == ',':
				s.i++
			default:
				return errNotJSON
			}
			if err := s.value(depth + 1); err != nil {
				return err
			}
		}
	case '"':
		_, err := s.text()
		return err
	default:
		start := s.i
		for s.i < len(s.b) && !bytes.ContainsRune([]byte(" \t\r\n,]}:\"[{"), rune(s.b[s.i])) {
			s.i++
		}
		if s.i == start {
			return errNotJSON
		}
		return nil
	}
}

func (s *scanner) object(depth int) error {
	s.i++
	seen := map[string]bool{}
	for first := true; ; first = false {
		switch c := s.next(); {
		case c == '}':
			s.i++
			return nil
		case first:
		case c == ',':
			s.i++
		default:
			return errNotJSON
		}
		if s.next() != '"' {
			return errNotJSON
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		// encoding/json takes any case for a key, so "a" and "A" are one.
		key = strings.ToLower(key)
		if seen[key] {
			return tintype.FieldError(key, "the key %q is there twice", key)
		}
		seen[key] = true
		if s.next() != ':' {
			return errNotJSON
		}
		s.i++
		if err := s.value(depth + 1); err != nil {
			return err
		}
	}
}

// text reads a string and gives its value.
func (s *scanner) text() (string, error) {
	start := s.i
	s.i++
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case '"':
			s.i++
			var v string
			if err := json.Unmarshal(s.b[start:s.i], &v); err != nil {
				return "", errNotJSON
			}
			if strings.IndexByte(v, 0) >= 0 {
				return "", errNUL
			}
			return v, nil
		case '\\':
			if err := s.escape(); err != nil {
				return "", err
			}
		default:
			s.i++
		}
	}
	return "", errNotJSON
}

// escape steps over one escape and refuses halves of surrogate pairs.
func (s *scanner) escape() error {
	u, ok := s.unit()
	switch {
	case !ok:
		s.i += 2
		return nil
	case u >= 0xDC00 && u < 0xE000:
		return errUTF8
	case u >= 0xD800 && u < 0xDC00:
		if low, ok := s.unit(); !ok || low < 0xDC00 || low >= 0xE000 {
			return errUTF8
		}
	}
	return nil
}

// unit reads \uXXXX.
func (s *scanner) unit() (uint64, bool) {
	if s.i+6 > len(s.b) || s.b[s.i] != '\\' || s.b[s.i+1] != 'u' {
		return 0, false
	}
	u, err := strconv.ParseUint(string(s.b[s.i+2:s.i+6]), 16, 16)
	if err != nil {
		return 0, false
	}
	s.i += 6
	return u, true
}

// decodeForm fills the string, boolean and integer fields of a struct, and
// pointers to such; what the form has beyond them (access_token, client_id,
// sig) is somebody else's.
func decodeForm(form url.Values, dst any) error {
	v := reflect.ValueOf(dst).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		values, ok := form[name]
		if !ok {
			continue
		}
		if len(values) > 1 && v.Field(i).Kind() != reflect.Slice {
			return tintype.FieldError(name, "%s is there twice", name)
		}
		if err := setForm(v.Field(i), name, values); err != nil {
			return err
		}
	}
	return nil
}

func setForm(f reflect.Value, name string, values []string) error {
	switch f.Kind() {
	case reflect.Pointer:
		f.Set(reflect.New(f.Type().Elem()))
		return setForm(f.Elem(), name, values)
	case reflect.String:
		f.SetString(values[0])
	case reflect.Bool:
		b, err := strconv.ParseBool(values[0])
		if err != nil {
			return tintype.FieldError(name, "%s must be true or false", name)
		}
		f.SetBool(b)
	case reflect.Int:
		n, err := strconv.Atoi(values[0])
		if err != nil {
			return tintype.FieldError(name, "%s must be a number", name)
		}
		f.SetInt(int64(n))
	case reflect.Slice:
		if f.Type().Elem().Kind() != reflect.String {
			return tintype.FieldError(name, "%s can only be sent as JSON", name)
		}
		f.Set(reflect.ValueOf(values))
	default:
		return tintype.FieldError(name, "%s can only be sent as JSON", name)
	}
	return nil
}

// readForm reads a form body, if the body is one. Multipart bodies are left to
// those who take files; elsewhere they are forms, as PHP sends them.
func (c *call) readForm() error {
	var form url.Values
	t, p, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")) // what is none is no multipart
	switch {
	case t == "multipart/form-data" && c.route.Body != fileBody:
		parts, err := multipart.NewReader(c.r.Body, p["boundary"]).ReadForm(c.route.Body)
		if err != nil {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "the form cannot be read", Err: err}
		}
		_ = parts.RemoveAll() // there are no files: the whole body fits into memory
		form = parts.Value
	case c.isForm():
		body, err := io.ReadAll(c.r.Body)
		if err != nil {
			return bodyError(err)
		}
		if form, err = url.ParseQuery(string(body)); err != nil {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "the form cannot be read", Err: err}
		}
	default:
		return nil
	}
	if err := checkValues(form); err != nil {
		return err
	}
	c.form = form
	return nil
}

// isForm reports whether the body is a form. A library of API v1 sends forms
// without saying so: what has no type, and does not begin as JSON, is taken for one.
func (c *call) isForm() bool {
	if typ := c.r.Header.Get("Content-Type"); typ != "" {
		t, _, err := mime.ParseMediaType(typ)
		return err == nil && t == "application/x-www-form-urlencoded"
	}
	if c.route.Body == fileBody {
		return false
	}
	b := bufio.NewReader(c.r.Body)
	first, err := b.Peek(1)
	c.r.Body = struct {
		io.Reader
		io.Closer
	}{b, c.r.Body}
	return err == nil && first[0] != '{'
}

func checkValues(v url.Values) error {
	for name, values := range v {
		for _, s := range append(values, name) {
			if !utf8.ValidString(s) {
				return errUTF8
			}
			if strings.IndexByte(s, 0) >= 0 {
				return errNUL
			}
		}
	}
	return nil
}

func bodyError(err error) error {
	var te *tintype.Error
	if errors.As(err, &te) {
		return err
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return errTooLarge
	}
	return &tintype.Error{Kind: tintype.Invalid, Msg: "the body could not be read to its end", Err: err}
}
