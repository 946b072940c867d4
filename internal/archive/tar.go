package archive

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// tarBlock is the unit of tar files, and where in the first one says that it is one (POSIX.1-2017, pax, "ustar Interchange Format").
const (
	tarBlock   = 512
	tarMagicAt = 257
)

// Open opens a stranger's archive, a zip or a tar file, of size bytes. A tar file that is packed by gzip has to be unpacked
// before, with [Unpack]: nothing in it can be found otherwise but by reading all before it.
func Open(src io.ReadSeeker, at io.ReaderAt, size int64, limits Limits) (*Zip, error) {
	head := make([]byte, tarBlock)
	n, err := at.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, readError(err)
	}
	if n == tarBlock && string(head[tarMagicAt:tarMagicAt+5]) == "ustar" {
		return openTar(src, at, size, limits.filled())
	}
	return OpenZip(at, size, limits)
}

// openTar reads the headers of a tar file, and refuses one that is broken. What is no plain file costs itself alone, as in a zip.
func openTar(src io.ReadSeeker, at io.ReaderAt, size int64, limits Limits) (*Zip, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	z := &Zip{src: at, byID: map[string]*File{}}
	var all []*File
	var end int64 // of what was read last
	r := tar.NewReader(src)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, tarError(err)
		}
		if len(all) == limits.Entries {
			return nil, bad(CodeHarmful, "there are more than the %d files in this archive that are taken", limits.Entries)
		}
		offset, err := src.Seek(0, io.SeekCurrent) // where its content begins: the reader has read its header and no more
		if err != nil {
			return nil, err
		}
		end = offset
		f := &File{Name: strings.TrimPrefix(strings.ToValidUTF8(h.Name, "�"), "./"), Size: h.Size, Modified: h.ModTime.UTC(), zip: z, offset: offset, packed: h.Size, plain: true}
		switch {
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg || sparse(h):
			f.wrong = "it is no plain file"
		case f.Size < 0 || offset > size-f.Size:
			return nil, errCutArchive
		default:
			end = offset + (f.Size+tarBlock-1)/tarBlock*tarBlock
		}
		all = append(all, f)
	}
	// Its end is marked by empty blocks; where there is none, what came behind is missing.
	if len(all) == 0 || end > size-tarBlock {
		return nil, errCutArchive
	}
	z.add(all)
	return z, nil
}

// sparse reports whether a file lies in the archive otherwise than it is.
func sparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

var errCutArchive = bad(CodeCut, "this archive is not whole: please upload it again, or download it again from where it came")

// tarError tells a source that fails from an archive that is broken.
func tarError(err error) error {
	if errors.Is(err, tar.ErrHeader) || errors.Is(err, tar.ErrFieldTooLong) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCutArchive
	}
	return readError(err)
}

// Packed reports whether an archive that begins so has to be unpacked before it can be opened.
func Packed(head []byte) bool {
	return len(head) > 2 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8 // RFC 1952, 2.3.1
}

// Unpack reads what a gzip file of size bytes holds. It gives an Invalid error for one that is broken, and for one that
// unpacks to more than limits allow or that is no tar file, as soon as that is seen.
func Unpack(src io.Reader, size int64, limits Limits) (io.Reader, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(src, 1<<20))
	if err != nil {
		return nil, gzipError(err)
	}
	limits = limits.filled()
	in := bufio.NewReaderSize(&gunzip{src: z, most: min(limits.Total, max(ratioFree, size*limits.Ratio))}, tarBlock)
	head, err := in.Peek(tarBlock)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) < tarBlock || string(head[tarMagicAt:tarMagicAt+5]) != "ustar" {
		return nil, bad(CodeUnknown, "there is no archive in this gzip file")
	}
	return in, nil
}

// gunzip reads a gzip stream as far as may be.
type gunzip struct {
	src  io.Reader
	most int64 // that may still come
}

func (g *gunzip) Read(b []byte) (int, error) {
	n, err := g.src.Read(b)
	if g.most -= int64(n); g.most < 0 {
		return 0, bad(CodeHarmful, "this archive unpacks to far more than an archive of photos does")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = gzipError(err)
	}
	return n, err
}

func gzipError(err error) error {
	var te *tintype.Error
	if !errors.As(err, &te) && (errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)) {
		return errCutArchive
	}
	if err = readError(err); errors.Is(err, errDamaged) {
		return errCutArchive
	}
	return err
}
