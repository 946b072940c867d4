package imaging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/imaging/wire"
	"github.com/tintype/tintype/internal/tintype"
)

// job is one request to one child.
type job struct {
	child *child
	cfg   *Config
	req   wire.Request
	kind  string // MIME type of the source
	src   io.Reader
	sink  Sink

	spoiled bool  // the child may not be used again
	sinkErr error // the first error of the sink; it is the caller's own
	written []Rendition
}

var (
	errTime    = errors.New("the time for one picture is over")
	errAnswer  = errors.New("an answer that cannot be")
	errTooLong = errors.New("more output than allowed")
)

func (j *job) do(ctx context.Context) (Result, error) {
	work, cancel := context.WithTimeoutCause(ctx, j.cfg.Timeout, errTime)
	defer cancel()
	// A child that is still at it a while after its server would have killed it
	// has lost its server, and ends itself.
	j.req.TimeoutMS = 2 * j.cfg.Timeout.Milliseconds()
	stop := context.AfterFunc(work, j.child.kill)
	res, err := j.talk()
	if !stop() { // killed, whatever the last bytes said
		j.spoiled = true
		if ctx.Err() != nil {
			return Result{}, ended(ctx)
		}
		return Result{}, &tintype.Error{Kind: tintype.Unprocessable, Msg: "the picture took too long to decode", Err: errTime}
	}
	return res, err
}

func (j *job) talk() (Result, error) {
	if err := j.send(); err != nil {
		var e *tintype.Error
		if errors.As(err, &e) {
			return Result{}, err
		}
		// The child went away while it was spoken to; what it said before tells why.
	}
	res, err := j.receive()
	var e *tintype.Error
	switch {
	case err != nil && errors.As(err, &e):
		return Result{}, err
	case err != nil:
		j.spoiled = true
		return Result{}, j.diagnose(err)
	case j.sinkErr != nil:
		return Result{}, j.sinkErr
	}
	return res, nil
}

// send sends the request and the original. Its *tintype.Errors are about the
// original, and leave the child ready for the next job; others are the pipe's.
func (j *job) send() error {
	request, err := json.Marshal(j.req)
	if err != nil || len(request) > wire.MaxPayload {
		return tintype.FieldError("edits", "the edits are not JSON, or far too long")
	}
	if err := wire.Write(j.child.in, wire.Job, request); err != nil {
		return err
	}
	abort := func(why error) error {
		if err := wire.Write(j.child.in, wire.Abort, nil); err != nil {
			j.spoiled = true
		}
		return why
	}
	buf := make([]byte, wire.Chunk)
	var sent int64
	for {
		n, err := io.ReadFull(j.src, buf)
		if sent += int64(n); sent > j.req.MaxBytes {
			return abort(tooManyBytes(j.req.MaxBytes))
		}
		if n > 0 {
			if err := wire.Write(j.child.in, wire.Data, buf[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return wire.Write(j.child.in, wire.End, nil)
		default:
			return abort(readError(err))
		}
	}
}

// receive reads the answer. Its *tintype.Errors are the child's own words about
// the picture; others mean that the child can be believed no longer.
func (j *job) receive() (Result, error) {
	for {
		kind, payload, err := j.child.read()
		if err != nil {
			return Result{}, err
		}
		switch kind {
		case wire.Begin:
			if err := j.rendition(payload); err != nil {
				return Result{}, err
			}
		case wire.Result:
			return j.result(payload)
		case wire.Failure:
			return Result{}, fault(payload)
		default:
			return Result{}, fmt.Errorf("%w: frame %q", errAnswer, byte(kind))
		}
	}
}

// rendition passes one rendition on to the sink. If the sink fails the rest is
// read and dropped, so that the child stays usable.
func (j *job) rendition(payload []byte) error {
	var r Rendition
	if err := json.Unmarshal(payload, &r); err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	size, ok := sizeOf(r.Name)
	twice := slices.ContainsFunc(j.written, func(w Rendition) bool { return w.Name == r.Name })
	if !ok || twice || !slices.Contains(j.req.Sizes, r.Name) {
		return fmt.Errorf("%w: rendition %.20q was not asked for", errAnswer, r.Name)
	}
	if r.Width < 1 || r.Width > size.width || r.Height < 1 || r.Height > MaxSide || size.square && r.Width != r.Height {
		return fmt.Errorf("%w: rendition %q of %d × %d", errAnswer, r.Name, r.Width, r.Height)
	}
	var w io.WriteCloser
	if j.sinkErr == nil {
		w, j.sinkErr = j.sink(r.Name)
	}
	r.Bytes = 0
	err := j.copy(&r, w)
	if w != nil && (err != nil || j.sinkErr != nil) {
		w.Close()
	} else if w != nil {
		j.sinkErr = w.Close()
	}
	j.written = append(j.written, r)
	return err
}

func (j *job) copy(r *Rendition, w io.Writer) error {
	for {
		kind, payload, err := j.child.read()
		if err != nil {
			return err
		}
		if kind == wire.End && r.Bytes > 0 {
			return nil
		}
		if kind != wire.Data || len(payload) < 3 {
			return fmt.Errorf("%w: frame %q of %d bytes in a rendition", errAnswer, byte(kind), len(payload))
		}
		// It is going to be served as of this type, so that is what it has to be.
		if want := Format(j.req.Format).Type(); r.Bytes == 0 && Sniff(payload) != want {
			return fmt.Errorf("%w: a rendition that is not %s", errAnswer, want)
		}
		if r.Bytes += int64(len(payload)); r.Bytes > j.cfg.MaxOutput {
			return errTooLong
		}
		if j.sinkErr == nil {
			_, j.sinkErr = w.Write(payload)
		}
	}
}

// result checks what a child says that it found and made.
func (j *job) result(payload []byte) (Result, error) {
	var r Result
	if err := json.Unmarshal(payload, &r); err != nil {
		return Result{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	r.Renditions = j.written
	switch {
	case r.Type != j.kind,
		r.Width < 1, r.Height < 1, int64(r.Width)*int64(r.Height) > j.req.MaxPixels,
		len(r.Renditions) != len(j.req.Sizes),
		len(r.Blurhash) > 64 || strings.Trim(r.Blurhash, blurhashDigits) != "",
		(r.Blurhash == "") != (j.req.Op == wire.OpProbe),
		(r.Lat == nil) != (r.Lon == nil),
		r.Lat != nil && !(math.Abs(*r.Lat) <= 90 && math.Abs(*r.Lon) <= 180):
		return Result{}, fmt.Errorf("%w: %.200q", errAnswer, payload)
	}
	if c := r.Camera; c != nil {
		for _, s := range []*string{&c.Make, &c.Model, &c.Lens, &c.Exposure} {
			*s = plain(*s)
		}
		if !(c.Aperture >= 0 && c.Aperture < 1e4) || !(c.FocalLength >= 0 && c.FocalLength < 1e6) || c.ISO < 0 ||
			!c.Taken.IsZero() && (c.Taken.Year() < 1800 || c.Taken.Year() > 9999) {
			return Result{}, fmt.Errorf("%w: camera %.200q", errAnswer, payload)
		}
	}
	return r, nil
}

const blurhashDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

// plain makes a stranger's text fit to be shown on one line.
func plain(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)), " ")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	return s
}

// fault is the error a child reports. The kinds it may report are few: it must
// not be able to make the server say that it is the server's fault.
func fault(payload []byte) error {
	var f wire.Fault
	if err := json.Unmarshal(payload, &f); err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	kind := tintype.Kind(f.Kind)
	switch kind {
	case tintype.Invalid, tintype.TooLarge, tintype.UnsupportedMedia, tintype.Unprocessable:
	default:
		return fmt.Errorf("%w: %.200q", errAnswer, payload)
	}
	e := &tintype.Error{Kind: kind, Msg: clip(plainText(f.Msg)), Field: f.Field}
	if f.Detail != "" {
		e.Err = fmt.Errorf("%.500q", f.Detail)
	}
	if outOfMemory(f.Msg) || outOfMemory(f.Detail) {
		e.Kind, e.Msg = tintype.Unprocessable, memoryMsg
	}
	return e
}

func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return s
}

const memoryMsg = "the picture needs more memory to decode than one picture may have"

// diagnose says why a child that can be believed no longer failed its job.
func (j *job) diagnose(cause error) error {
	lied := errors.Is(cause, errAnswer) || errors.Is(cause, wire.ErrFrame) || errors.Is(cause, errTooLong)
	moment := 500 * time.Millisecond // to finish dying
	if lied {
		moment = 0
	}
	state, itself := j.child.post(moment)
	e := &tintype.Error{Kind: tintype.Unprocessable, Err: fmt.Errorf("imaging: %w (%s)", cause, state)}
	ws, _ := j.child.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case errors.Is(cause, errTooLong):
		e.Msg = "the picture could not be stored: a rendition of it would be larger than allowed"
	case lied:
		e.Msg = "the picture could not be decoded: the decoder gave an answer that cannot be right"
	case outOfMemory(state), itself && ws.Signaled() && ws.Signal() == syscall.SIGKILL: // the system's own way of saying so
		e.Msg = memoryMsg
	case ws.Signaled() && ws.Signal() == syscall.SIGXCPU:
		e.Msg = "the picture took too long to decode"
	case ws.Exited() && ws.ExitStatus() == 0:
		e.Msg = "the picture could not be decoded: the decoder gave no answer"
	default:
		e.Msg = "the picture could not be decoded: the decoder crashed on it"
	}
	return e
}

// outOfMemory recognises what the C library, GLib, libvips, the C++ runtime and
// Go say when there is no more memory.
func outOfMemory(text string) bool {
	text = strings.ToLower(text)
	for _, s := range []string{"out of memory", "failed to allocate", "cannot allocate memory", "bad_alloc", "memory allocation", "insufficient memory"} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}
