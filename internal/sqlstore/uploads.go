package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Uploads keeps what was sent and is not yet published. A row exists before the
// first byte of its file does, so that every file is named by a row.
type Uploads struct {
	R     Router
	Clock tintype.Clock

	// Since is when the only process that uses these stores began: claims made
	// before died with the one before it. The zero time where several may.
	Since time.Time
}

// uploadInfo is the part of an upload that is kept as JSON.
type uploadInfo struct {
	Camera *tintype.Camera `json:"camera,omitempty"`
	Lat    *float64        `json:"lat,omitempty"`
	Lon    *float64        `json:"lon,omitempty"`
}

const uploadColumns = `id, user_id, blob_key, sha256, bytes, type, width, height, info, created, post_id, media_key`

var (
	stmtUploadBegin = &Stmt{Name: "uploads.begin", SQL: `
		INSERT INTO {s}uploads (id, user_id, blob_key, sha256, bytes, type, width, height, info, created, post_id, media_key, claimed)
		VALUES ($1, $2, $3, $4, 0, '', 0, 0, '', $5, 0, '', 0)`}
	stmtUploadFinish = &Stmt{Name: "uploads.finish", SQL: `
		UPDATE {s}uploads SET sha256 = $1, bytes = $2, type = $3, width = $4, height = $5, info = $6 WHERE id = $7 AND user_id = $8`}
	stmtUploadsGet = &Stmt{Name: "uploads.get", SQL: `
		SELECT ` + uploadColumns + ` FROM {s}uploads WHERE id {in $1} AND user_id = $2`}
	stmtUploadClaim = &Stmt{Name: "uploads.claim", SQL: `
		UPDATE {s}uploads SET media_key = $1, claimed = $2 WHERE id = $3 AND user_id = $4 AND post_id = 0 AND type <> '' AND (claimed < $5 OR media_key = $1)`}
	stmtUploadRelease = &Stmt{Name: "uploads.release", SQL: `
		UPDATE {s}uploads SET media_key = '', claimed = 0 WHERE id = $1 AND user_id = $2 AND media_key = $3 AND post_id = 0`}
	stmtUploadUse = &Stmt{Name: "uploads.use", SQL: `
		UPDATE {s}uploads SET post_id = $1, info = '{}' WHERE id = $2 AND user_id = $3 AND media_key = $4 AND post_id = 0`}
	stmtUploadDelete = &Stmt{Name: "uploads.delete", SQL: `
		DELETE FROM {s}uploads WHERE id = $1 AND user_id = $2 AND post_id = 0 AND claimed < $3 RETURNING blob_key, media_key, CASE WHEN type = '' THEN 0 ELSE bytes END`}
	stmtUploadsOld = &Stmt{Name: "uploads.old", SQL: `
		SELECT id, user_id, post_id FROM {s}uploads WHERE created < $1 AND claimed < $2 ORDER BY created LIMIT 200`}
	stmtUploadForget = &Stmt{Name: "uploads.forget", SQL: `
		DELETE FROM {s}uploads WHERE id = $1 AND post_id <> 0`}
)

// claimFor is for how long a claim keeps others from an upload unless it is renewed: long enough for a
// database to be away in between, short enough that somebody whose publication died with its process can wait.
const claimFor = 15 * time.Second

// dead gives the instant before which a claim no longer holds.
func (s Uploads) dead(now time.Time) time.Time {
	if t := now.Add(-claimFor); t.After(s.Since) {
		return t
	}
	return s.Since
}

// BeginUpload adds a row for a file that is about to come, and sets u.ID and u.Created.
func (s Uploads) BeginUpload(ctx context.Context, u *tintype.Upload) error {
	return s.R.Home(u.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		id, err := tx.NextID(ctx, u.UserID.Shard())
		if err != nil {
			return err
		}
		u.ID, u.Created = id, s.Clock().UTC()
		_, err = tx.Exec(ctx, stmtUploadBegin, u.ID, u.UserID, u.BlobKey, []byte{}, u.Created)
		return err
	})
}

// FinishUpload writes what the file turned out to be; NotFound if the upload was deleted meanwhile.
func (s Uploads) FinishUpload(ctx context.Context, u *tintype.Upload) error {
	info := uploadInfo{Camera: u.Camera}
	if u.Location != nil {
		info.Lat, info.Lon = &u.Location.Latitude, &u.Location.Longitude
	}
	text, err := json.Marshal(info)
	if err != nil {
		return err
	}
	return s.R.Home(u.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtUploadFinish, u.SHA256[:], u.Bytes, u.Type, u.Width, u.Height, string(text), u.ID, u.UserID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoUpload
		}
		return use(ctx, tx, u.UserID, tintype.StoredUploads, u.Bytes)
	})
}

var errNoUpload = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such upload; it may have expired"}

// Uploads gives those of user's uploads that exist and are complete, in no certain order.
func (s Uploads) Uploads(ctx context.Context, user tintype.ID, ids []tintype.ID) ([]*tintype.Upload, error) {
	list, _, err := readUploads(ctx, s.R.Home(user.Shard()), user, ids)
	return list, err
}

func readUploads(ctx context.Context, q Querier, user tintype.ID, ids []tintype.ID) (list []*tintype.Upload, mediaKeys map[tintype.ID]string, err error) {
	mediaKeys = map[tintype.ID]string{}
	err = q.Query(ctx, stmtUploadsGet, func(scan Scan) error {
		u := &tintype.Upload{}
		var sum []byte
		var text, mediaKey string
		var created int64
		if err := scan(&u.ID, &u.UserID, &u.BlobKey, &sum, &u.Bytes, &u.Type, &u.Width, &u.Height, &text, &created, &u.PostID, &mediaKey); err != nil {
			return err
		}
		if u.Type == "" {
			return nil
		}
		var info uploadInfo
		if err := json.Unmarshal([]byte(text), &info); err != nil {
			return err
		}
		copy(u.SHA256[:], sum)
		u.Camera, u.Created = info.Camera, FromMicros(created)
		if info.Lat != nil && info.Lon != nil {
			u.Location = &tintype.Location{Latitude: *info.Lat, Longitude: *info.Lon, HasPoint: true}
		}
		list = append(list, u)
		mediaKeys[u.ID] = mediaKey
		return nil
	}, ids, user)
	return list, mediaKeys, err
}

// ClaimUploads reserves uploads for one publication: keys are the names that
// their renditions will have, by position. Renditions that an attempt which died
// left under other names are purged. Conflict if one is being published already.
// A claim lasts 15 seconds; with the same keys it is renewed.
func (s Uploads) ClaimUploads(ctx context.Context, user tintype.ID, ids []tintype.ID, keys []string) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		now := s.Clock()
		_, old, err := readUploads(ctx, tx, user, ids)
		if err != nil {
			return err
		}
		for i, id := range ids {
			n, err := tx.Exec(ctx, stmtUploadClaim, keys[i], now, id, user, s.dead(now))
			if err != nil {
				return err
			}
			if n == 0 {
				return &tintype.Error{Kind: tintype.Conflict, Field: "uploads", Msg: "this upload is being published already, or was published before"}
			}
			if old[id] != "" && old[id] != keys[i] {
				tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: blob.Renditions(old[id])}})
			}
		}
		return nil
	})
}

// ReleaseUploads ends a claim whose publication failed, once its files are gone.
func (s Uploads) ReleaseUploads(ctx context.Context, user tintype.ID, ids []tintype.ID, keys []string) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		for i, id := range ids {
			if _, err := tx.Exec(ctx, stmtUploadRelease, id, user, keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// useUploads marks claimed uploads as used by a post. What the file said of
// itself is the media row's from now on.
func useUploads(ctx context.Context, tx *Tx, user, post tintype.ID, ids []tintype.ID, media []tintype.Media) error {
	for i, id := range ids {
		n, err := tx.Exec(ctx, stmtUploadUse, post, id, user, media[i].Key)
		if err != nil {
			return err
		}
		if n == 0 {
			return &tintype.Error{Kind: tintype.Conflict, Field: "uploads", Msg: "this upload was published or deleted meanwhile"}
		}
	}
	return nil
}

// DeleteUpload forgets an unused upload and has its files purged; NotFound if
// there is none that is neither used nor being published.
func (s Uploads) DeleteUpload(ctx context.Context, user, id tintype.ID) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		found, err := deleteUpload(ctx, tx, user, id, s.dead(s.Clock()))
		if err == nil && !found {
			return errNoUpload
		}
		return err
	})
}

func deleteUpload(ctx context.Context, tx *Tx, user, id tintype.ID, dead time.Time) (bool, error) {
	var original, media string
	var bytes int64
	found, err := tx.QueryRow(ctx, stmtUploadDelete, []any{&original, &media, &bytes}, id, user, dead)
	if err != nil || !found {
		return false, err
	}
	if err := use(ctx, tx, user, tintype.StoredUploads, -bytes); err != nil {
		return false, err
	}
	keys := []string{original, blob.Preview(original)}
	if media != "" {
		keys = append(keys, blob.Renditions(media)...)
	}
	tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: keys}})
	return true, nil
}

// SweepUploads deletes uploads made before a time that nobody published, and
// their files, and forgets the rows of those that were published.
func (s Uploads) SweepUploads(ctx context.Context, before time.Time) error {
	for _, h := range s.R.Homes() {
		for more := true; more; {
			err := h.Write(ctx, func(tx *Tx) error {
				dead := s.dead(s.Clock())
				var ids, users, posts []tintype.ID
				if err := tx.Query(ctx, stmtUploadsOld, func(scan Scan) error {
					var id, user, post tintype.ID
					if err := scan(&id, &user, &post); err != nil {
						return err
					}
					ids, users, posts = append(ids, id), append(users, user), append(posts, post)
					return nil
				}, before, dead); err != nil {
					return err
				}
				more = len(ids) == 200
				for i, id := range ids {
					var err error
					if posts[i] != 0 {
						_, err = tx.Exec(ctx, stmtUploadForget, id)
					} else {
						_, err = deleteUpload(ctx, tx, users[i], id, dead)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
