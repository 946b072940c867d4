package archive

import (
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// Limits say how much of a stranger's zip is taken. The zero value stands for the defaults.
type Limits struct {
	Entries   int   // 200,000
	Directory int64 // bytes of the central directory; 64 MB
	Total     int64 // bytes of all files, unpacked; 1 TB
	Ratio     int64 // of that to the size of the zip, beyond 64 MB; 100
}

func (l Limits) filled() Limits {
	if l.Entries == 0 {
		l.Entries = 200_000
	}
	if l.Directory == 0 {
		l.Directory = 64 << 20
	}
	if l.Total == 0 {
		l.Total = 1 << 40
	}
	if l.Ratio == 0 {
		l.Ratio = 100
	}
	return l
}

// ratioFree is how many bytes a zip may unpack to however small it is.
const ratioFree = 64 << 20

// Zip is a stranger's zip, or tar file. Its names lead nowhere but to its own files: nothing is ever written under them.
type Zip struct {
	src   io.ReaderAt
	files []*File // in the order of the directory, without directories
	byID  map[string]*File
}

// File is a file in a Zip.
type File struct {
	Name     string // with '/', neither absolute nor leading out
	Size     int64
	Modified time.Time // as its maker's clock had it, taken as UTC; to two seconds

	zip    *Zip
	packed int64
	crc    uint32
	method uint16
	offset int64  // of its local header
	end    int64  // where the next begins: its data may not go beyond
	wrong  string // why it cannot be read; "" if it can
	plain  bool   // it lies at offset, as it is: in a tar file
}

// Code is the code of what is wrong with an archive, in the errors of this package; see [CodeOf].
type Code string

// The codes.
const (
	CodeFile    Code = "file"     // one file of it cannot be read, as its words say
	CodeNoZip   Code = "no_zip"   // it is no archive
	CodeCut     Code = "cut"      // its end, or some of it, is missing
	CodeSplit   Code = "split"    // it is in several parts that belong together
	CodeHarmful Code = "harmful"  // it is too large, has too many files, or they lie upon each other
	CodeHTML    Code = "html"     // it is an Instagram download for reading
	CodeUnknown Code = "unknown"  // it is of none of the forms
	CodeNewer   Code = "newer"    // it is of a newer Tintype
	CodeTooMany Code = "too_many" // there are too many posts in it
	CodePacked  Code = "packed"   // it is too large to be unpacked here; as a plain tar file it could be read
)

// Error implements error: a Code stands in the chain of errors.
func (c Code) Error() string { return string(c) }

// CodeOf gives the code of an error of this package, CodeFile for any other.
func CodeOf(err error) Code {
	c := CodeFile
	errors.As(err, &c)
	return c
}

func bad(code Code, format string, args ...any) error {
	return &tintype.Error{Kind: tintype.Invalid, Msg: fmt.Sprintf(format, args...), Err: code}
}

var (
	errNoZip   = bad(CodeNoZip, "this is not a zip file, nor a .tar.gz file")
	errCutZip  = bad(CodeCut, "this zip file is not whole: please upload it again, or download it again from where it came")
	errManyZip = bad(CodeSplit, "this zip file is in several parts that belong together: please join them first")
)

// OpenZip reads the directory of a zip of size bytes and refuses one that is
// broken, or made to do harm: files that overlap, that unpack to far more than
// they are, too many of them. A single file that cannot be taken (encrypted,
// twice there, a link) does not spoil the others: [Zip.Open] says what is wrong.
func OpenZip(src io.ReaderAt, size int64, limits Limits) (*Zip, error) {
	limits = limits.filled()
	d, err := findDirectory(src, size)
	if err != nil {
		return nil, err
	}
	if d.count > uint64(limits.Entries) {
		return nil, bad(CodeHarmful, "there are %d files in this zip file; at most %d are taken", d.count, limits.Entries)
	}
	if d.size > limits.Directory {
		return nil, bad(CodeHarmful, "the list of files in this zip file is too large")
	}
	dir := make([]byte, d.size)
	if _, err := src.ReadAt(dir, d.offset); err != nil {
		return nil, readError(err)
	}
	z := &Zip{src: src, byID: map[string]*File{}}
	var all []*File
	var total int64
	for range d.count {
		f, rest, err := readEntry(dir, d.base)
		if err != nil {
			return nil, err
		}
		dir = rest
		if f.offset < 0 || f.packed < 0 || f.Size < 0 || f.offset > d.offset-localLen || f.packed > d.offset-localLen-f.offset {
			return nil, errCutZip
		}
		if total += f.Size; total > limits.Total || total < 0 {
			return nil, bad(CodeHarmful, "this zip file unpacks to more than the %d GB that are taken", limits.Total>>30)
		}
		f.zip = z
		all = append(all, f)
	}
	if total > ratioFree && total/limits.Ratio > size {
		return nil, bad(CodeHarmful, "this zip file unpacks to more than %d times its size; that is no archive of photos", limits.Ratio)
	}
	byOffset := slices.Clone(all)
	slices.SortStableFunc(byOffset, func(a, b *File) int { return compare(a.offset, b.offset) })
	for i, f := range byOffset {
		f.end = d.offset
		if i+1 < len(byOffset) {
			f.end = byOffset[i+1].offset
		}
		if f.offset+localLen+f.packed > f.end {
			return nil, bad(CodeHarmful, "files in this zip file lie upon each other")
		}
	}
	z.add(all)
	return z, nil
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// add makes files be found by their names.
func (z *Zip) add(all []*File) {
	for _, f := range all {
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		if !safeName(f.Name) {
			f.wrong = "its name leads out of the archive"
		}
		if first := z.byID[f.Name]; first != nil {
			first.wrong, f.wrong = "it is in the archive twice", "it is in the archive twice"
		} else {
			z.byID[f.Name] = f
		}
		z.files = append(z.files, f)
	}
}

func safeName(name string) bool {
	if name == "" || name[0] == '/' || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':' {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// Files lists the files, those that cannot be read among them.
func (z *Zip) Files() []*File { return z.files }

// File gives the file of a name, nil if there is none.
func (z *Zip) File(name string) *File { return z.byID[name] }

// The lengths of headers without what varies.
const (
	localLen   = 30
	centralLen = 46
	endLen     = 22
	end64Len   = 56
	loc64Len   = 20
)

type directory struct {
	count  uint64
	size   int64
	offset int64
	base   int64 // what was put before the zip: offsets count from here
}

// findDirectory finds the central directory by the record at the end.
func findDirectory(src io.ReaderAt, size int64) (d directory, err error) {
	le := binary.LittleEndian
	if size < endLen {
		return d, errNoZip
	}
	tail := make([]byte, min(size, endLen+math.MaxUint16))
	if _, err := src.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return d, readError(err)
	}
	at := -1
	for i := len(tail) - endLen; i >= 0; i-- {
		if le.Uint32(tail[i:]) == sigEnd && i+endLen+int(le.Uint16(tail[i+20:])) <= len(tail) {
			at = i
			break
		}
	}
	if at < 0 {
		head := make([]byte, 4)
		if _, err := src.ReadAt(head, 0); err == nil && le.Uint32(head) == sigLocal {
			return d, errCutZip
		}
		return d, errNoZip
	}
	b := tail[at:]
	end := size - int64(len(tail)) + int64(at)
	if le.Uint16(b[4:]) != 0 && le.Uint16(b[4:]) != math.MaxUint16 {
		return d, errManyZip
	}
	d.count, d.size, d.offset = uint64(le.Uint16(b[10:])), int64(le.Uint32(b[12:])), int64(le.Uint32(b[16:]))
	if d.count == math.MaxUint16 || d.size == math.MaxUint32 || d.offset == math.MaxUint32 {
		if end < loc64Len+end64Len {
			return d, errCutZip
		}
		loc := make([]byte, loc64Len)
		if _, err := src.ReadAt(loc, end-loc64Len); err != nil {
			return d, readError(err)
		}
		if le.Uint32(loc) == sigLoc64 {
			where := int64(le.Uint64(loc[8:]))
			if where < 0 || where > end-loc64Len-end64Len {
				return d, errCutZip
			}
			rec := make([]byte, end64Len)
			if _, err := src.ReadAt(rec, where); err != nil {
				return d, readError(err)
			}
			if le.Uint32(rec) != sigEnd64 {
				return d, errCutZip
			}
			d.count, d.size, d.offset = le.Uint64(rec[32:]), int64(le.Uint64(rec[40:])), int64(le.Uint64(rec[48:]))
			end = where
		}
	}
	if d.size < 0 || d.offset < 0 || d.size > end || d.offset > end-d.size {
		return d, errCutZip
	}
	// A zip may have something before it that its offsets do not count.
	d.base = end - d.size - d.offset
	d.offset += d.base
	if d.count > uint64(d.size)/centralLen {
		return d, errCutZip
	}
	return d, nil
}

// readEntry reads one entry of the directory.
func readEntry(b []byte, base int64) (*File, []byte, error) {
	le := binary.LittleEndian
	if len(b) < centralLen || le.Uint32(b) != sigCentral {
		return nil, nil, errCutZip
	}
	made, flags := le.Uint16(b[4:]), le.Uint16(b[8:])
	nameLen, extraLen, noteLen := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	if len(b) < centralLen+nameLen+extraLen+noteLen {
		return nil, nil, errCutZip
	}
	name, extra := b[centralLen:centralLen+nameLen], b[centralLen+nameLen:centralLen+nameLen+extraLen]
	f := &File{Name: decodeName(name, flags&flagUTF8 != 0), method: le.Uint16(b[10:]), crc: le.Uint32(b[16:]),
		packed: int64(le.Uint32(b[20:])), Size: int64(le.Uint32(b[24:])), offset: int64(le.Uint32(b[42:])),
		Modified: fromDOS(le.Uint16(b[14:]), le.Uint16(b[12:]))}
	if err := f.sizes64(extra); err != nil {
		return nil, nil, err
	}
	f.offset += base
	const modeType, modeFile, modeDir = 0o170000, 0o100000, 0o040000
	mode := le.Uint32(b[38:]) >> 16
	switch {
	case flags&1 != 0 || flags&(1<<6) != 0 || f.method == 99:
		f.wrong = "it is encrypted"
	case f.method != 0 && f.method != 8:
		f.wrong = "it is packed in a way that is not known here"
	case f.method == 0 && f.packed != f.Size:
		f.wrong = "its sizes contradict each other"
	case made>>8 == madeByUnix>>8 && mode&modeType != 0 && mode&modeType != modeFile && mode&modeType != modeDir:
		f.wrong = "it is no plain file"
	}
	return f, b[centralLen+nameLen+extraLen+noteLen:], nil
}

// sizes64 reads the sizes and the offset that did not fit.
func (f *File) sizes64(extra []byte) error {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		tag, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if len(extra) < 4+n {
			return nil // some programs pad
		}
		body := extra[4 : 4+n]
		extra = extra[4+n:]
		if tag != extra64 {
			continue
		}
		for _, v := range []*int64{&f.Size, &f.packed, &f.offset} {
			if *v != math.MaxUint32 {
				continue
			}
			if len(body) < 8 {
				return errCutZip
			}
			*v = int64(le.Uint64(body))
			body = body[8:]
		}
	}
	return nil
}

func fromDOS(date, clock uint16) time.Time {
	return time.Date(int(date>>9)+1980, time.Month(date>>5&15), int(date&31), int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC)
}

// decodeName reads a name that is UTF-8, or says nothing of it and is in the
// encoding of the first PCs, code page 437.
func decodeName(b []byte, utf bool) string {
	if utf || utf8.Valid(b) {
		return strings.ToValidUTF8(string(b), "�")
	}
	var out strings.Builder
	for _, c := range b {
		if c < 0x80 {
			out.WriteByte(c)
		} else {
			out.WriteRune(cp437[c-0x80])
		}
	}
	return out.String()
}

// cp437 is the upper half of code page 437.
var cp437 = [128]rune([]rune("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"))

// Open reads a file. What comes is exactly Size bytes with the right checksum, or
// an Invalid error; until its end is read without one, nothing of it is to be believed.
func (f *File) Open() (io.ReadCloser, error) {
	if f.wrong != "" {
		return nil, bad(CodeFile, "%s", f.wrong)
	}
	if f.plain {
		return io.NopCloser(io.NewSectionReader(f.zip.src, f.offset, f.Size)), nil
	}
	le := binary.LittleEndian
	head := make([]byte, localLen)
	if _, err := f.zip.src.ReadAt(head, f.offset); err != nil {
		return nil, readError(err)
	}
	if le.Uint32(head) != sigLocal {
		return nil, bad(CodeFile, "it is not where the archive says")
	}
	if le.Uint16(head[6:])&1 != 0 {
		return nil, bad(CodeFile, "it is encrypted")
	}
	start := f.offset + localLen + int64(le.Uint16(head[26:])) + int64(le.Uint16(head[28:]))
	if start+f.packed > f.end {
		return nil, bad(CodeFile, "it lies upon another file in the archive")
	}
	packed := io.NewSectionReader(f.zip.src, start, f.packed)
	r := &checkedReader{src: packed, left: f.Size, sum: crc32.NewIEEE(), want: f.crc}
	if f.method == 8 {
		fl := flate.NewReader(packed)
		r.src, r.close = fl, fl
	}
	return r, nil
}

// checkedReader gives exactly so many bytes of a checksum, or an error.
type checkedReader struct {
	src   io.Reader
	close io.Closer // nil for nothing
	left  int64
	sum   hash.Hash32
	want  uint32
	err   error
}

var errDamaged = bad(CodeFile, "it is damaged in the archive")

func (r *checkedReader) Read(b []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		var more [1]byte
		r.err = io.EOF
		if n, _ := r.src.Read(more[:]); n > 0 || r.sum.Sum32() != r.want {
			r.err = errDamaged
		}
		return 0, r.err
	}
	n, err := r.src.Read(b[:min(int64(len(b)), r.left)])
	r.left -= int64(n)
	r.sum.Write(b[:n])
	if err == io.EOF && r.left == 0 {
		err = nil
	}
	if err != nil {
		r.err = readError(err)
	}
	return n, r.err
}

func (r *checkedReader) Close() error {
	if r.close != nil {
		return r.close.Close()
	}
	return nil
}

// readError tells a source that fails from an archive that is broken.
func readError(err error) error {
	var te *tintype.Error
	var corrupt flate.CorruptInputError
	var internal flate.InternalError
	switch {
	case errors.As(err, &te):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt), errors.As(err, &internal):
		return errDamaged
	}
	return fmt.Errorf("the archive cannot be read: %w", err)
}
