package inspect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// alwaysThere is how many of blob.Renditions every media has; the others are
// made when somebody first asks for them.
const alwaysThere = 4

// named is one file that a row names.
type named struct {
	ref      tintype.FileRef
	name     string
	required bool
	bytes    int64 // -1 for any number
}

// names lists the files of a row.
func (r *run) names(ref tintype.FileRef) []named {
	var out []named
	add := func(required bool, bytes int64, names ...string) {
		for _, n := range names {
			out = append(out, named{ref: ref, name: n, required: required, bytes: bytes})
		}
	}
	if ref.Original != "" {
		add(ref.Bytes >= 0, ref.Bytes, ref.Original)
		add(false, -1, blob.Preview(ref.Original))
	}
	if ref.Key != "" {
		switch ref.Kind {
		case "media":
			large := blob.Large(ref.Key)
			for i, name := range blob.Renditions(ref.Key) {
				// What was deleted for room is made again by whoever looks at it.
				gone := ref.Large != tintype.LargeKept && slices.Contains(large, name)
				add(i < alwaysThere && !gone, -1, name)
			}
		case "upload": // a publication under way, or one that died
			add(false, -1, blob.Renditions(ref.Key)...)
		case "avatar":
			add(true, -1, r.AvatarFiles(ref.Owner, ref.Key)...)
		case "export", "import": // the next parts may be on their way
			add(false, -1, blob.Parts(ref.Key, int(ref.Bytes)+4)...)
		}
	}
	return out
}

// files matches the rows that name files with the files. Rows are read first: a
// file that comes later is young, and needs none yet. Where rows could not be
// read, nothing is said of files that no row names.
func (r *run) files(ctx context.Context, s tintype.CheckStep) error {
	m, err := newMatcher(r.TempDir)
	if err != nil {
		return err
	}
	defer m.close()
	now := r.Clock()
	// All kinds of one home before the next: a shard that moves takes all of them along.
	if err := r.eachHome(ctx, s.Homes, func(ctx context.Context, home int) error {
		for _, kind := range r.Refs.FileKinds() {
			if err := r.refs(ctx, kind, home, s.Homes[home], m); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	blind := r.anyAway()
	for info, err := range r.Files.List(ctx, "") {
		if tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
			return r.tellAway(lostFiles)
		}
		if err != nil {
			return err
		}
		if err := m.addFile(info); err != nil {
			return err
		}
		if err := r.listed(ctx); err != nil {
			return err
		}
	}
	for i := range m.parts() {
		suspects, err := m.match(i, now.Add(-r.Grace))
		if err != nil {
			return err
		}
		if blind {
			suspects = slices.DeleteFunc(suspects, func(s suspect) bool { return s.unnamed })
		}
		if err := r.decideFiles(ctx, suspects); err != nil {
			return err
		}
	}
	return nil
}

// lostFiles is what the blob store is called where it cannot be reached.
const lostFiles = "the store of files"

// listed says that one file more was seen. News of it are told a page at a time.
func (r *run) listed(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sum.Looked++; r.sum.Looked%int64(r.Page) != 0 {
		return nil
	}
	if err := r.news(0); err != nil {
		return err
	}
	return r.pace.wait(ctx, r.Page)
}

func (r *run) refs(ctx context.Context, kind string, home int, at tintype.CheckHome, m *matcher) error {
	for after := tintype.BeforeAll; ; {
		var refs []tintype.FileRef
		ok, err := r.reach(ctx, at, func() (err error) {
			refs, err = r.Refs.FileRefs(ctx, kind, home, after, r.Page)
			return err
		})
		if err != nil || !ok {
			return err
		}
		for _, ref := range refs {
			after = ref.Row()
			for _, n := range r.names(ref) {
				if err := m.addName(n); err != nil {
					return err
				}
			}
		}
		if err := r.looked(ctx, len(refs), home, tintype.CheckKey{}); err != nil {
			return err
		}
		if len(refs) < r.Page {
			return nil
		}
	}
}

// suspect is a file that is missing, not whole, or not named by any row.
type suspect struct {
	named
	unnamed  bool
	size     int64     // of the file, -1 if it is missing
	modified time.Time // of an unnamed one
}

func (r *run) decideFiles(ctx context.Context, suspects []suspect) error {
	suspects, err := settle(ctx, r, suspects, func(s suspect) ([]suspect, error) { return r.lookAgain(ctx, s) })
	if err != nil {
		return err
	}
	for _, s := range suspects {
		f := r.describe(s)
		if s.unnamed && r.req.DeleteFiles {
			if err := r.Files.Delete(ctx, s.name); err != nil {
				return err
			}
			f.Repaired = true
		}
		if err := r.tell(f); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain reads the file, and the row that names it, once more.
func (r *run) lookAgain(ctx context.Context, s suspect) ([]suspect, error) {
	if !s.unnamed {
		ref, found, err := r.Refs.FileRef(ctx, s.ref)
		if err != nil {
			return nil, err
		}
		if !found || ref.Key != s.ref.Key || ref.Original != s.ref.Original ||
			s.required && !slices.ContainsFunc(r.names(ref), func(n named) bool { return n.required && n.name == s.name }) {
			return nil, nil // deleted, changed, or dropped for room, meanwhile
		}
	}
	info, err := blob.Stat(ctx, r.Files, s.name)
	switch {
	case tintype.IsKind(err, tintype.NotFound):
		s.size = -1
	case err != nil:
		return nil, err
	default:
		s.size = info.Size
	}
	if s.unnamed && s.size < 0 || !s.unnamed && s.size >= 0 && (s.bytes < 0 || s.size == s.bytes) {
		return nil, nil
	}
	return []suspect{s}, nil
}

func (r *run) describe(s suspect) Finding {
	f := Finding{Check: StepFiles}
	if s.unnamed {
		f.What = fmt.Sprintf("no row names the file %s (%d bytes, of %s)", s.name, s.size, s.modified.UTC().Format("2006-01-02 15:04 MST"))
		f.Do = "if no backup of the databases names it either, delete it with `tintype check --repair --delete-files`"
		return f
	}
	var who string
	switch s.ref.Kind {
	case "media":
		who = fmt.Sprintf("picture %d of post %v", s.ref.Position+1, s.ref.Owner)
	case "upload":
		who = fmt.Sprintf("upload %v", s.ref.Owner)
	default:
		who = fmt.Sprintf("the profile picture of user %v", s.ref.Owner)
	}
	f.Do = "restore the file from a backup"
	if s.size < 0 {
		f.What = fmt.Sprintf("%s: its file %s is missing", who, s.name)
	} else {
		f.What = fmt.Sprintf("%s: its file %s has %d bytes and should have %d", who, s.name, s.size, s.bytes)
	}
	if s.ref.Kind == "avatar" {
		f.Do += ", or let the user choose a new picture"
	}
	return f
}
