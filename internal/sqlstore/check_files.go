package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// The kinds of rows that name files.
const (
	FilesOfMedia   = "media"
	FilesOfUploads = "upload"
	FilesOfAvatars = "avatar"
	FilesOfExports = "export"
	FilesOfImports = "import"
)

var (
	stmtFilesMedia = &Stmt{Name: "check.files_media", SQL: `
		SELECT post_id, position, key, original_key, original_bytes,
			coalesce((SELECT r.large FROM {s}stored r WHERE r.post_id = media.post_id AND r.key = media.key), 0)
		FROM {s}media AS media WHERE (post_id, position) > ($1, $2) ORDER BY post_id, position LIMIT $3`}
	// The original of an upload that was published is its media's, and goes with it.
	stmtFilesUploads = &Stmt{Name: "check.files_uploads", SQL: `
		SELECT id, blob_key, CASE WHEN type = '' OR post_id <> 0 THEN -1 ELSE bytes END, media_key
		FROM {s}uploads WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtFilesAvatars = &Stmt{Name: "check.files_avatars", SQL: `
		SELECT id, avatar_key FROM {s}users WHERE id > $1 AND avatar_key <> '' ORDER BY id LIMIT $2`}
	stmtFilesExports = &Stmt{Name: "check.files_exports", SQL: `
		SELECT user_id, id, key, parts FROM {s}exports WHERE (user_id, id) > ($1, $2) ORDER BY user_id, id LIMIT $3`}
	stmtFilesImports = &Stmt{Name: "check.files_imports", SQL: `
		SELECT user_id, id, key, parts FROM {s}imports WHERE (user_id, id) > ($1, $2) ORDER BY user_id, id LIMIT $3`}
)

// FileKinds lists the kinds of rows that name files, in the order in which they
// are to be read: uploads before the media that they become, so that a file
// whose upload is published meanwhile is named by one of them at least.
func (c Checks) FileKinds() []string {
	return []string{FilesOfUploads, FilesOfMedia, FilesOfAvatars, FilesOfExports, FilesOfImports}
}

// FileRefs gives up to limit rows of a home that name files, in the order of
// their keys, after a key; fewer at the end. Bytes is -1 where the original may
// be absent. An upload's Key is that of renditions that may be on their way. Of an
// export or an import Position is its ID, and Bytes how many parts of it there are.
func (c Checks) FileRefs(ctx context.Context, kind string, home int, after tintype.CheckKey, limit int) ([]tintype.FileRef, error) {
	ctx = Patiently(ctx)
	ctx, h := Patiently(ctx), c.homes()[home]
	var refs []tintype.FileRef
	add := func(f func(r *tintype.FileRef) []any) func(Scan) error {
		return func(scan Scan) error {
			r := tintype.FileRef{Kind: kind, Home: home}
			if err := scan(f(&r)...); err != nil {
				return err
			}
			refs = append(refs, r)
			return nil
		}
	}
	var err error
	switch kind {
	case FilesOfMedia:
		err = h.Query(ctx, stmtFilesMedia, add(func(r *tintype.FileRef) []any {
			return []any{&r.Owner, &r.Position, &r.Key, &r.Original, &r.Bytes, &r.Large}
		}), after[0], after[1], limit)
	case FilesOfUploads:
		err = h.Query(ctx, stmtFilesUploads, add(func(r *tintype.FileRef) []any {
			return []any{&r.Owner, &r.Original, &r.Bytes, &r.Key}
		}), afterOne(after), limit)
	case FilesOfAvatars:
		err = h.Query(ctx, stmtFilesAvatars, add(func(r *tintype.FileRef) []any {
			return []any{&r.Owner, &r.Key}
		}), afterOne(after), limit)
	case FilesOfExports, FilesOfImports:
		stmt := stmtFilesExports
		if kind == FilesOfImports {
			stmt = stmtFilesImports
		}
		err = h.Query(ctx, stmt, add(func(r *tintype.FileRef) []any {
			return []any{&r.Owner, &r.Position, &r.Key, &r.Bytes}
		}), after[0], after[1], limit)
	default:
		err = tintype.Errorf(tintype.Invalid, "no rows of kind %q name files", kind)
	}
	return refs, err
}

// FileRef gives the row that named files, as it is now; found is false if it is gone.
func (c Checks) FileRef(ctx context.Context, old tintype.FileRef) (ref tintype.FileRef, found bool, err error) {
	ctx = Patiently(ctx)
	refs, err := c.FileRefs(ctx, old.Kind, old.Home, old.Row().Before(), 1)
	if err != nil || len(refs) == 0 || refs[0].Row() != old.Row() {
		return ref, false, err
	}
	return refs[0], true, nil
}
