package mydata

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// An export is a zip that is never written: a step reads originals for their
// checksums and keeps, as parts in the blob store, what the archive says of posts and which file is
// where. When it is fetched, the zip is put together from those and from the
// originals themselves, in any range that is asked for.

// stored is a file of an archive as a part lists it.
type stored struct {
	Name     string     `json:"n"`
	Key      string     `json:"k"` // in the blob store
	Size     int64      `json:"s"`
	CRC      uint32     `json:"c"`
	Modified time.Time  `json:"m"`
	Post     tintype.ID `json:"p,omitempty"` // whose original it is
}

// progress is what a step of an export goes on from.
type progress struct {
	After tintype.ID `json:"after,omitzero"` // posts with an ID below it are still to come; 0 for all
	Lists int        `json:"lists"`          // that are done, once posts are
	Posts []run      `json:"posts"`          // posts.json, in parts
	CRC   uint32     `json:"crc"`            // of those together
	Files []run      `json:"files"`          // lists of stored
	Ended bool       `json:"ended"`          // posts are done
}

// run is a part that is some of a file.
type run struct {
	Part int   `json:"p"`
	Size int64 `json:"s"`
}

// pageOfPosts is how many posts a step takes at a time.
const pageOfPosts = 50

// BeginExport begins an archive of all that user owns. Conflict if one is being
// made, RateLimited after three in a day.
func (s *Service) BeginExport(ctx context.Context, user tintype.ID) (tintype.Export, error) {
	if user == 0 {
		return tintype.Export{}, errSignedIn
	}
	total, err := s.countPosts(ctx, user)
	if err != nil {
		return tintype.Export{}, err
	}
	now := s.c.Clock().UTC()
	e := tintype.Export{UserID: user, State: tintype.TaskRunning, Key: random(), Total: total, Created: now, Changed: now, Expires: now.Add(s.c.Keep)}
	err = s.c.Exports.BeginExport(ctx, &e, func(there []tintype.Export) error {
		today := 0
		for _, o := range there {
			if s.isRunning(o) {
				return tintype.Errorf(tintype.Conflict, "an archive is being made already; it will be ready soon")
			}
			if now.Sub(o.Created) < 24*time.Hour {
				today++
			}
		}
		if today >= perDay {
			return &tintype.Error{Kind: tintype.RateLimited, Msg: "at most three archives can be made in a day; please come back tomorrow", RetryAfter: 24 * 3600}
		}
		return nil
	})
	return e, err
}

func (s *Service) isRunning(e tintype.Export) bool {
	return e.State == tintype.TaskRunning && s.c.Clock().Sub(e.Changed) < stuckAfter
}

func (s *Service) countPosts(ctx context.Context, user tintype.ID) (n int64, err error) {
	const page = 5000
	for before := tintype.ID(0); ; {
		ids, err := s.c.Posts.PostIDs(ctx, user, tintype.Page{Max: before, Count: page})
		if n += int64(len(ids)); err != nil || len(ids) < page {
			return n, err
		}
		before = ids[len(ids)-1]
	}
}

// Exports lists a user's exports that can still be fetched or are being made, the newest first.
func (s *Service) Exports(ctx context.Context, user tintype.ID) ([]tintype.Export, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	list, err := s.c.Exports.Exports(ctx, user)
	out := list[:0]
	for _, e := range list {
		if e.State == tintype.TaskRunning && !s.isRunning(e) {
			e.State, e.Reason = tintype.TaskFailed, because(WhyStuck, 0, "")
		}
		if e.Expires.After(s.c.Clock()) {
			out = append(out, e)
		}
	}
	return out, err
}

// DeleteExport gives up an export that is being made, or deletes one that is there.
func (s *Service) DeleteExport(ctx context.Context, user, id tintype.ID) error {
	if user == 0 {
		return errSignedIn
	}
	return s.c.Exports.DeleteExport(ctx, user, id)
}

// export gives one of a user's exports.
func (s *Service) export(ctx context.Context, user, id tintype.ID) (tintype.Export, error) {
	list, err := s.Exports(ctx, user)
	if err != nil {
		return tintype.Export{}, err
	}
	for _, e := range list {
		if e.ID == id {
			return e, nil
		}
	}
	return tintype.Export{}, errNoExport
}

var errNoExport = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such archive; it may have been deleted after its time"}

// MakeExports is the handler of job.ExportKind.
func (s *Service) MakeExports(ctx context.Context, steps []job.Step) error {
	for _, j := range steps {
		if err := s.makeExport(ctx, ticket(j)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) makeExport(ctx context.Context, t tintype.Ticket) error {
	list, err := s.c.Exports.Exports(ctx, t.User)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.ID != t.ID || e.Step != t.Step || e.State != tintype.TaskRunning {
			continue
		}
		var p progress
		if e.Progress != "" {
			if err := json.Unmarshal([]byte(e.Progress), &p); err != nil {
				return err
			}
		}
		if err := s.exportMore(ctx, &e, &p); err != nil {
			return err
		}
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		e.Progress = string(text)
		ok, err := s.c.Exports.SaveExport(ctx, e)
		if err == nil && !ok {
			return s.unlessThere(ctx, e)
		}
		return err
	}
	return nil // deleted, or a step that was taken before
}

// unlessThere deletes what a step wrote for an export that was deleted meanwhile.
func (s *Service) unlessThere(ctx context.Context, e tintype.Export) error {
	list, err := s.c.Exports.Exports(ctx, e.UserID)
	if err != nil || slices.ContainsFunc(list, func(o tintype.Export) bool { return o.ID == e.ID }) {
		return err
	}
	return s.c.Blobs.Delete(ctx, blob.Parts(e.Key, e.Parts)...)
}

// exportMore does one step: some posts, or the lists, or the end.
func (s *Service) exportMore(ctx context.Context, e *tintype.Export, p *progress) error {
	if !p.Ended {
		return s.exportPosts(ctx, e, p)
	}
	if p.Lists < len(s.c.Lists) {
		return s.exportList(ctx, e, p)
	}
	if err := s.exportRest(ctx, e, p); err != nil {
		return err
	}
	pieces, err := s.zip(ctx, *e, p)
	if err != nil {
		return err
	}
	e.Bytes, e.State, e.Expires = archive.Join(pieces).Size(), tintype.TaskDone, s.c.Clock().Add(s.c.Keep)
	return nil
}

// exportPosts takes posts, newest first, until its time is over.
func (s *Service) exportPosts(ctx context.Context, e *tintype.Export, p *progress) error {
	begun := time.Now() // of this process's own work, whatever the site's clock says
	w := s.newPart(ctx, *e)
	var files []stored
	pins, err := s.c.Posts.PinnedIDs(ctx, e.UserID)
	if err != nil {
		return w.fail(err)
	}
	for !p.Ended && time.Since(begun) < stepTime {
		ids, err := s.c.Posts.PostIDs(ctx, e.UserID, tintype.Page{Max: p.After, Count: pageOfPosts})
		if err != nil {
			return w.fail(err)
		}
		posts, err := s.c.Posts.Posts(ctx, ids)
		if err != nil {
			return w.fail(err)
		}
		byID := make(map[tintype.ID]*tintype.Post, len(posts))
		for _, post := range posts {
			byID[post.ID] = post
		}
		names, err := s.namesIn(ctx, e.UserID, posts)
		if err != nil {
			return w.fail(err)
		}
		p.Ended = len(ids) < pageOfPosts
		for _, id := range ids {
			p.After = id
			post := byID[id]
			if post == nil {
				continue // deleted meanwhile
			}
			out, originals, err := s.exportPost(ctx, post, names)
			if err != nil {
				return w.fail(err)
			}
			out.Pinned = slices.Index(pins, id) + 1
			text, err := json.Marshal(out)
			if err != nil {
				return w.fail(err)
			}
			if e.Done > 0 {
				text = append([]byte(",\n"), text...)
			}
			if _, err := w.Write(text); err != nil {
				return w.fail(err)
			}
			e.Done++
			files = append(files, originals...)
			if time.Since(begun) >= stepTime {
				p.Ended = p.Ended && id == ids[len(ids)-1]
				break
			}
		}
	}
	size, _, err := w.close()
	if err != nil {
		return err
	}
	p.Posts = append(p.Posts, run{Part: e.Parts, Size: size})
	kept(e, size)
	return s.putFiles(ctx, e, p, files)
}

// putFiles keeps a list of files as a part.
func (s *Service) putFiles(ctx context.Context, e *tintype.Export, p *progress, files []stored) error {
	w := s.newPart(ctx, *e)
	text, err := json.Marshal(files)
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return w.fail(err)
	}
	size, _, err := w.close()
	if err != nil {
		return err
	}
	p.Files = append(p.Files, run{Part: e.Parts, Size: size})
	kept(e, size)
	return nil
}

// kept counts a part that is there.
func kept(e *tintype.Export, size int64) {
	e.Parts++
	e.Kept += size
}

// exportList makes the next of the lists.
func (s *Service) exportList(ctx context.Context, e *tintype.Export, p *progress) error {
	l := s.c.Lists[p.Lists]
	w := s.newPart(ctx, *e)
	between := "[\n"
	if l.One {
		between = ""
	}
	err := l.Each(ctx, e.UserID, func(v any) error {
		text, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			return err
		}
		text = append([]byte(between), text...)
		between = ",\n"
		_, err = w.Write(text)
		return err
	})
	if err == nil && !l.One {
		end := "\n]\n"
		if between == "[\n" {
			end = "[]\n"
		}
		_, err = w.Write([]byte(end))
	}
	if err != nil {
		return w.fail(err)
	}
	size, crc, err := w.close()
	if err != nil {
		return err
	}
	f := stored{Name: l.Name, Key: blob.Part(e.Key, e.Parts), Size: size, CRC: crc, Modified: s.c.Clock()}
	p.Lists++
	kept(e, size)
	return s.putFiles(ctx, e, p, []stored{f})
}

// exportRest adds the page that explains the archive, the profile picture, and what posts.json is made of.
func (s *Service) exportRest(ctx context.Context, e *tintype.Export, p *progress) error {
	var files []stored
	site, err := s.c.SiteName(ctx)
	if err != nil {
		return err
	}
	add := func(name string, from io.Reader) error {
		w := s.newPart(ctx, *e)
		if _, err := io.Copy(w, from); err != nil {
			return w.fail(err)
		}
		size, crc, err := w.close()
		files = append(files, stored{Name: name, Key: blob.Part(e.Key, e.Parts), Size: size, CRC: crc, Modified: s.c.Clock()})
		kept(e, size)
		return err
	}
	if err := add("README.txt", bytes.NewReader(archive.Readme(site, e.Created))); err != nil {
		return err
	}
	about, err := json.MarshalIndent(archive.About{Format: archive.FormatName, Version: archive.FormatVersion, Site: site, Made: e.Created, Posts: e.Done}, "", " ")
	if err != nil {
		return err
	}
	if err := add(archive.AboutFile, bytes.NewReader(about)); err != nil {
		return err
	}
	pictures, err := s.c.Pictures(ctx, e.UserID)
	if err != nil {
		return err
	}
	if len(pictures) > 0 {
		// A copy: the file itself goes when its user takes another one.
		switch f, err := s.c.Blobs.Open(ctx, pictures[0]); {
		case tintype.IsKind(err, tintype.NotFound):
		case err != nil:
			return err
		default:
			err = add("profile.jpg", f)
			f.Close()
			if err != nil {
				return err
			}
		}
	}
	if p.CRC, err = s.postsChecksum(ctx, *e, p); err != nil {
		return err
	}
	return s.putFiles(ctx, e, p, files)
}

const postsHead, postsTail = "[\n", "\n]\n"

// posts is the pieces of posts.json.
func (s *Service) posts(ctx context.Context, e tintype.Export, p *progress) []archive.Piece {
	out := []archive.Piece{{Size: int64(len(postsHead)), Data: []byte(postsHead)}}
	for _, r := range p.Posts {
		out = append(out, s.piece(ctx, blob.Part(e.Key, r.Part), r.Size))
	}
	return append(out, archive.Piece{Size: int64(len(postsTail)), Data: []byte(postsTail)})
}

func (s *Service) postsChecksum(ctx context.Context, e tintype.Export, p *progress) (uint32, error) {
	sum := crc32.NewIEEE()
	j := archive.Join(s.posts(ctx, e, p))
	defer j.Close()
	_, err := io.Copy(sum, j)
	return sum.Sum32(), err
}

// piece is a blob as a piece of an archive.
func (s *Service) piece(ctx context.Context, key string, size int64) archive.Piece {
	return archive.Piece{Size: size, Open: func() (io.ReadSeekCloser, error) { return s.c.Blobs.Open(ctx, key) }}
}

// files reads all that is in an export but posts.json, in the order in which it was put there.
func (s *Service) files(ctx context.Context, e tintype.Export, p *progress) ([]stored, error) {
	var all []stored
	for _, r := range p.Files {
		f, err := s.c.Blobs.Open(ctx, blob.Part(e.Key, r.Part))
		if err != nil {
			return nil, err
		}
		var list []stored
		err = json.NewDecoder(f).Decode(&list)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// zip gives the pieces of the archive.
func (s *Service) zip(ctx context.Context, e tintype.Export, p *progress) ([]archive.Piece, error) {
	files, err := s.files(ctx, e, p)
	if err != nil {
		return nil, err
	}
	// What explains the rest comes first: it was added last.
	var texts, pictures []archive.Entry
	for i := len(files) - 1; i >= 0; i-- {
		f := files[i]
		entry := archive.Entry{Name: f.Name, Modified: f.Modified, CRC: f.CRC, Content: []archive.Piece{s.piece(ctx, f.Key, f.Size)}}
		if f.Post == 0 {
			texts = append(texts, entry)
		}
	}
	for _, f := range files {
		if f.Post != 0 {
			pictures = append(pictures, archive.Entry{Name: f.Name, Modified: f.Modified, CRC: f.CRC, Content: []archive.Piece{s.piece(ctx, f.Key, f.Size)}})
		}
	}
	texts = append(texts, archive.Entry{Name: archive.PostsFile, Modified: e.Created, CRC: p.CRC, Content: s.posts(ctx, e, p)})
	return archive.Layout(append(texts, pictures...)), nil
}

// OpenExport opens the zip of one of a user's exports. Conflict if posts that are
// in it were deleted since: their originals are gone.
func (s *Service) OpenExport(ctx context.Context, user, id tintype.ID) (io.ReadSeekCloser, tintype.Export, error) {
	e, err := s.export(ctx, user, id)
	if err != nil {
		return nil, e, err
	}
	if e.State != tintype.TaskDone {
		return nil, e, tintype.Errorf(tintype.Conflict, "this archive is not ready")
	}
	var p progress
	if err := json.Unmarshal([]byte(e.Progress), &p); err != nil {
		return nil, e, err
	}
	files, err := s.files(ctx, e, &p)
	if err != nil {
		return nil, e, err
	}
	if err := s.allThere(ctx, files); err != nil {
		return nil, e, err
	}
	pieces, err := s.zip(ctx, e, &p)
	if err != nil {
		return nil, e, err
	}
	return archive.Join(pieces), e, nil
}

// allThere errs if a post whose originals are in an archive is no longer there.
func (s *Service) allThere(ctx context.Context, files []stored) error {
	var ids []tintype.ID
	for i, f := range files {
		if f.Post != 0 && (len(ids) == 0 || ids[len(ids)-1] != f.Post) {
			ids = append(ids, f.Post)
		}
		if len(ids) == 500 || len(ids) > 0 && i == len(files)-1 {
			posts, err := s.c.Posts.Posts(ctx, ids)
			if err != nil {
				return err
			}
			if len(posts) < len(ids) {
				return tintype.Errorf(tintype.Conflict, "you have deleted posts that are in this archive, and their photos with them; please make a new one")
			}
			ids = ids[:0]
		}
	}
	return nil
}

// part is a part of an export that is being written.
type part struct {
	pipe *io.PipeWriter
	done chan error
	size int64
	crc  uint32
}

// newPart begins the part after those of e.
func (s *Service) newPart(ctx context.Context, e tintype.Export) *part {
	r, w := io.Pipe()
	p := &part{pipe: w, done: make(chan error, 1)}
	go func() {
		_, err := s.c.Blobs.Put(ctx, blob.Part(e.Key, e.Parts), r)
		r.CloseWithError(err)
		p.done <- err
	}()
	return p
}

// Write appends b to the part.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.pipe.Write(b)
	p.size += int64(n)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b[:n])
	return n, err
}

func (p *part) close() (size int64, crc uint32, err error) {
	p.pipe.Close()
	return p.size, p.crc, <-p.done
}

// fail ends a part that is not to be.
func (p *part) fail(err error) error {
	p.pipe.CloseWithError(err)
	if e := <-p.done; e != nil && (err == nil || errors.Is(err, io.ErrClosedPipe)) {
		err = e
	}
	return err
}
