package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	frames := []struct {
		kind    Kind
		payload string
	}{{Hello, `{}`}, {Job, `{"op":"probe"}`}, {Data, "bytes"}, {End, ""}, {Abort, ""}, {Data, ""}, {Failure, "{}"}}
	for _, f := range frames {
		if err := Write(&b, f.kind, []byte(f.payload)); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 4)
	for _, f := range frames {
		kind, payload, err := Read(&b, buf)
		if err != nil || kind != f.kind || string(payload) != f.payload {
			t.Errorf("%q %q, %v, want %q %q", byte(kind), payload, err, byte(f.kind), f.payload)
		}
	}
	if _, _, err := Read(&b, nil); !errors.Is(err, io.EOF) {
		t.Errorf("after the last frame: %v, want io.EOF", err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in string
		want     error
	}{
		{"half a header", "D\x00\x00", ErrCut},
		{"half a payload", "D\x00\x00\x00\x05abc", ErrCut},
		{"no payload", "D\x00\x00\x00\x05", ErrCut},
		{"unknown kind", "Z\x00\x00\x00\x00", ErrFrame},
		{"too long", "D\xff\xff\xff\xff", ErrFrame},
		{"an end with a payload", "E\x00\x00\x00\x01x", ErrFrame},
	} {
		if _, _, err := Read(strings.NewReader(test.in), nil); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if err := Write(io.Discard, Data, make([]byte, MaxPayload+1)); !errors.Is(err, ErrFrame) {
		t.Errorf("a payload that is too long: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("D\x00\x00\x00\x05abcdeE\x00\x00\x00\x00"))
	f.Add([]byte("H\x00\x04\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		var again bytes.Buffer
		for {
			kind, payload, err := Read(r, nil)
			if err != nil {
				break
			}
			if err := Write(&again, kind, payload); err != nil {
				t.Fatalf("a frame that was read cannot be written: %v", err)
			}
		}
		if !bytes.HasPrefix(in, again.Bytes()) {
			t.Errorf("read %q from %q", again.Bytes(), in)
		}
	})
}
