package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// LoadDirectory writes accounts, names, the words that find people, and who is
// pulled at reading. It goes over people several times. words gives those of one user and their weight.
func (b Bulk) LoadDirectory(ctx context.Context, people iter.Seq[*tintype.Member], words func(*tintype.User) ([]string, int), pulled []tintype.ID) error {
	return b.R.Directory().Load(ctx,
		Load{Table: "accounts", Columns: []string{"user_id", "password_hash", "admin", "state", "locale", "created"}, Rows: each(people, func(w RowWriter, m *tintype.Member) {
			a := m.Account
			w.Int(int64(a.UserID))
			w.Text(a.PasswordHash)
			w.Int(flag(a.Admin))
			w.Int(int64(a.State))
			w.Text(a.Locale)
			w.Int(Micros(a.Created))
		})},
		Load{Table: "names", Columns: []string{"skeleton", "username", "user_id", "state", "claimed"}, Rows: each(people, func(w RowWriter, m *tintype.Member) {
			w.Text(m.Skeleton)
			w.Text(m.User.Username)
			w.Int(int64(m.User.ID))
			w.Int(1)
			w.Int(Micros(m.Account.Created))
		})},
		Load{Table: "people", Columns: []string{"word", "user_id", "weight"}, Rows: func(w RowWriter) error {
			for _, f := range found(people, words) {
				w.Text(f.word)
				w.Int(int64(f.user))
				w.Int(int64(f.weight))
				if err := w.End(); err != nil {
					return err
				}
			}
			return nil
		}},
		Load{Table: "people_typos", Columns: []string{"key", "beginning"}, Rows: func(w RowWriter) error {
			for _, p := range b.typos(people, words) {
				w.Text(p[0])
				w.Text(p[1])
				if err := w.End(); err != nil {
					return err
				}
			}
			return nil
		}},
		Load{Table: "pulled", Columns: []string{"user_id", "since"}, Rows: func(w RowWriter) error {
			for _, id := range pulled {
				w.Int(int64(id))
				w.Int(Micros(b.Recent))
				if err := w.End(); err != nil {
					return err
				}
			}
			return nil
		}},
		Load{Table: "settings", Columns: []string{"name", "value", "changed_by", "changed"}, Rows: func(w RowWriter) error {
			for m := range people {
				if m.Account.Admin {
					w.Text(firstAdmin)
					w.Text(m.User.ID.String())
					w.Int(int64(m.User.ID))
					w.Int(Micros(m.Account.Created))
					return w.End()
				}
			}
			return nil
		}})
}

// finder is a word by which a user is found.
type finder struct {
	word   string
	user   tintype.ID
	weight int
}

// found gives the words by which people are found, sorted as they lie on disk. All of them are in memory.
func found(people iter.Seq[*tintype.Member], words func(*tintype.User) ([]string, int)) []finder {
	var out []finder
	for m := range people {
		list, weight := words(&m.User)
		for _, word := range list {
			out = append(out, finder{word, m.User.ID, weight})
		}
	}
	slices.SortFunc(out, func(a, b finder) int { return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.user, b.user)) })
	return out
}

// typos gives the pairs of key and beginning of all words of people, sorted, each once. All of them are in memory.
func (b Bulk) typos(people iter.Seq[*tintype.Member], words func(*tintype.User) ([]string, int)) [][2]string {
	if b.Keys == nil {
		return nil
	}
	seen := map[string]bool{}
	var out [][2]string
	var fresh []string
	for m := range people {
		list, _ := words(&m.User)
		for _, word := range list {
			for _, p := range b.Keys(word) { // a beginning has the same keys in every word
				if !seen[p[1]] {
					out, fresh = append(out, p), append(fresh, p[1])
				}
			}
			for _, beginning := range fresh {
				seen[beginning] = true
			}
			fresh = fresh[:0]
		}
	}
	slices.SortFunc(out, comparePairs)
	return slices.Compact(out)
}

// LoadShard writes one logical shard: its users, their posts and both sides of
// their follows, each in the order of its key. It goes over posts three times.
// All IDs minted there later are above those that were.
func (b Bulk) LoadShard(ctx context.Context, s tintype.Shard, users iter.Seq[*tintype.Member], posts iter.Seq[*tintype.Post], follows, followers iter.Seq[job.Edge]) error {
	h := b.R.Home(s)
	var newest tintype.ID
	err := h.Load(ctx,
		Load{Table: "users", Columns: []string{"id", "username", "full_name", "bio", "website", "avatar_key", "private", "state", "media", "follows", "followers", "created", "last_seen", "activity_seen"},
			Rows: each(users, func(w RowWriter, m *tintype.Member) {
				u := &m.User
				newest = max(newest, u.ID)
				w.Int(int64(u.ID))
				w.Text(u.Username)
				w.Text(u.FullName)
				w.Text(u.Bio)
				w.Text(u.Website)
				w.Text(u.AvatarKey)
				w.Int(flag(u.Private))
				w.Int(int64(u.State))
				w.Int(u.Counts.Media)
				w.Int(u.Counts.Follows)
				w.Int(u.Counts.FollowedBy)
				w.Int(Micros(m.Account.Created))
				w.Int(Micros(m.Seen))
				w.Int(0)
			})},
		Load{Table: "posts", Columns: []string{"id", "user_id", "caption", "tags", "mentions", "place_id", "place_name", "latitude", "longitude", "edited", "likes", "comments"},
			Rows: each(posts, func(w RowWriter, p *tintype.Post) {
				newest = max(newest, p.ID)
				tags, mentions, place, lat, lon := postColumns(p)
				w.Int(int64(p.ID))
				w.Int(int64(p.UserID))
				w.Text(p.Caption)
				w.Text(tags)
				w.Text(mentions)
				w.Int(int64(place.ID))
				w.Text(place.Name)
				Value(w, lat)
				Value(w, lon)
				w.Int(Micros(p.Edited))
				w.Int(p.Likes)
				w.Int(p.Comments)
			})},
		Load{Table: "media", Columns: []string{"post_id", "position", "key", "original_key", "original_type", "original_bytes", "original_sha256", "width", "height", "blurhash", "alt_text", "filter", "recipe", "camera"},
			Rows: func(w RowWriter) error { return loadMedia(w, posts) }},
		Load{Table: "storage_use", Columns: []string{"user_id", "kind", "bytes"}, Rows: func(w RowWriter) error { return loadUse(w, posts) }},
		Load{Table: "follows", Columns: []string{"user_id", "target_id", "op", "state"}, Rows: each(follows, func(w RowWriter, e job.Edge) {
			newest = max(newest, e.Op)
			w.Int(int64(e.User))
			w.Int(int64(e.Target))
			w.Int(int64(e.Op))
			w.Int(tintype.EdgeThere)
		})},
		Load{Table: "followers", Columns: []string{"user_id", "follower_id", "op", "state"}, Rows: each(followers, func(w RowWriter, e job.Edge) {
			w.Int(int64(e.Target))
			w.Int(int64(e.User))
			w.Int(int64(e.Op))
			w.Int(tintype.EdgeThere)
		})})
	if err != nil || newest == 0 {
		return err
	}
	return h.Advance(ctx, s, newest.UnixMillis())
}

// loadUse writes how many bytes the originals of each user's posts have. Their renditions are files of nobody's.
func loadUse(w RowWriter, posts iter.Seq[*tintype.Post]) error {
	sums := map[tintype.ID]int64{}
	for p := range posts {
		for _, m := range p.Media {
			sums[p.UserID] += m.OriginalBytes
		}
	}
	for _, user := range slices.Sorted(maps.Keys(sums)) {
		w.Int(int64(user))
		w.Int(int64(tintype.StoredOriginals))
		w.Int(sums[user])
		if err := w.End(); err != nil {
			return err
		}
	}
	return nil
}

func loadMedia(w RowWriter, posts iter.Seq[*tintype.Post]) error {
	none := make([]byte, 32) // nobody uploaded them
	cameras := map[*tintype.Camera]string{}
	for p := range posts {
		for i, m := range p.Media {
			w.Int(int64(p.ID))
			w.Int(int64(i))
			w.Text(m.Key)
			w.Text(m.OriginalKey)
			w.Text(m.OriginalType)
			w.Int(m.OriginalBytes)
			w.Bytes(none)
			w.Int(int64(m.Width))
			w.Int(int64(m.Height))
			w.Text(m.Blurhash)
			w.Text(m.AltText)
			w.Text(m.Filter)
			if m.Recipe != nil {
				w.Text(string(m.Recipe))
			} else {
				w.Null()
			}
			if m.Camera == nil {
				w.Null()
			} else {
				text, ok := cameras[m.Camera]
				if !ok {
					b, err := json.Marshal(m.Camera)
					if err != nil {
						return err
					}
					text = string(b)
					cameras[m.Camera] = text
				}
				w.Text(text)
			}
			if err := w.End(); err != nil {
				return err
			}
		}
	}
	return nil
}

// each writes one row per value.
func each[T any](list iter.Seq[T], row func(RowWriter, T)) func(RowWriter) error {
	return func(w RowWriter) error {
		for v := range list {
			row(w, v)
			if err := w.End(); err != nil {
				return err
			}
		}
		return nil
	}
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
