// Package wire is the talk between the server and a child of the imaging cage,
// over the child's standard input and output: frames of one kind byte, a
// big-endian 32-bit length and so many bytes of payload.
//
// A child says Hello once. Then, job after job, the server sends Job, the
// original's bytes in Data frames, and End (or Abort if they could not be read);
// the child answers with Begin, Data and End for each rendition and then Result,
// or with Failure alone.
//
// Frames come from a process that strangers' bytes may have taken over, so
// everything read is bounded; what the payloads say is checked by package imaging.
// Errors are plain; io.EOF only between frames.
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Kind says what a frame's payload is.
type Kind byte

// The kinds of frames.
const (
	Hello   Kind = 'H' // JSON of imaging.Status
	Job     Kind = 'J' // JSON of Request
	Data    Kind = 'D' // bytes of the original, or of a rendition
	End     Kind = 'E' // empty
	Abort   Kind = 'A' // empty: forget this job
	Begin   Kind = 'B' // JSON of imaging.Rendition
	Result  Kind = 'R' // JSON of imaging.Result
	Failure Kind = 'X' // JSON of Fault
)

// MaxPayload is the longest payload, and Chunk how much Data a frame carries by custom.
const (
	MaxPayload = 256 << 10
	Chunk      = 128 << 10
	headerSize = 5
)

// The operations of a Request.
const (
	OpProbe  = "probe"
	OpRender = "render"
)

// Request is one job.
type Request struct {
	Op        string          `json:"op"`
	Recipe    json.RawMessage `json:"recipe,omitempty"`
	Sizes     []string        `json:"sizes,omitempty"`
	Format    string          `json:"format,omitempty"`    // of the renditions; "" is JPEG
	SizeHint  int64           `json:"size_hint,omitempty"` // bytes of the original, if known
	MaxBytes  int64           `json:"max_bytes"`
	MaxPixels int64           `json:"max_pixels"`
	TimeoutMS int64           `json:"timeout_ms"` // the child ends itself if it takes this long
}

// Fault is why a job failed: the number of a tintype.Kind and its message.
type Fault struct {
	Kind   uint8  `json:"kind"`
	Msg    string `json:"msg"`
	Field  string `json:"field,omitempty"`
	Detail string `json:"detail,omitempty"` // for logs
}

// ErrFrame is the cause of every error about a malformed frame, and ErrCut of
// those about one that ends too soon.
var (
	ErrFrame = errors.New("malformed frame")
	ErrCut   = errors.New("frame cut short")
)

// Write writes one frame.
func Write(w io.Writer, kind Kind, payload []byte) error {
	if len(payload) > MaxPayload {
		return fmt.Errorf("%w: %d bytes to send", ErrFrame, len(payload))
	}
	var head [headerSize]byte
	head[0] = byte(kind)
	binary.BigEndian.PutUint32(head[1:], uint32(len(payload)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	if len(payload) == 0 {
		return nil
	}
	_, err := w.Write(payload)
	return err
}

// WriteJSON writes one frame whose payload is v as JSON.
func WriteJSON(w io.Writer, kind Kind, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return Write(w, kind, payload)
}

// Read reads one frame, using buf for the payload if it is large enough. The
// payload is good until buf is used again.
func Read(r io.Reader, buf []byte) (Kind, []byte, error) {
	kind, n, err := ReadHeader(r)
	if err != nil {
		return 0, nil, err
	}
	if n > cap(buf) {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return 0, nil, cut(err)
	}
	return kind, buf, nil
}

// ReadHeader reads a frame up to its payload, whose length it gives; the caller
// reads that.
func ReadHeader(r io.Reader) (Kind, int, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		if err == io.EOF {
			return 0, 0, io.EOF
		}
		return 0, 0, cut(err)
	}
	kind, n := Kind(head[0]), binary.BigEndian.Uint32(head[1:])
	switch kind {
	case Hello, Job, Data, Begin, Result, Failure:
	case End, Abort:
		if n != 0 {
			return 0, 0, fmt.Errorf("%w: %q with a payload", ErrFrame, byte(kind))
		}
	default:
		return 0, 0, fmt.Errorf("%w: kind %q", ErrFrame, byte(kind))
	}
	if n > MaxPayload {
		return 0, 0, fmt.Errorf("%w: %d bytes announced", ErrFrame, n)
	}
	return kind, int(n), nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}
