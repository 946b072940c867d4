package move

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/tintype"
)

// Finding is something that is not as it should be.
type Finding struct {
	Database string        `json:"database"`
	Shard    tintype.Shard `json:"shard"`
	What     string        `json:"what"`
	Do       string        `json:"do"` // what an operator can do about it
}

// Verify compares the map with what exists in the databases: every shard has its
// schema, at the newest migration, and there is no other; no move was left
// lying; and no job waits in a database that its shard has left. With deep it
// also reads rows: that they belong to the shard they are on, and that every
// account has its user. told is called for each database.
func (m *Mover) Verify(ctx context.Context, deep bool, told func(what string)) ([]Finding, error) {
	shards, err := m.shards(ctx)
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, s := range shards {
		if _, err := m.place(s.Database); err != nil {
			out = append(out, Finding{s.Database, s.Shard, "the map gives a database that the configuration does not have", "add the database to the configuration"})
		}
		if s.Move != nil && !s.Move.Alive {
			out = append(out, Finding{s.Database, s.Shard, fmt.Sprintf("its move from %s to %s was left while %s", s.Move.From, s.Move.To, s.Move.State),
				fmt.Sprintf("tintype shard move %d --resume, or --cancel", s.Shard)})
		}
	}
	for _, p := range m.places {
		told("database " + p.Name)
		found, err := m.verifyPlace(ctx, p, shards, deep, told)
		if err != nil {
			return out, failed(p, "looking at its schemas", err)
		}
		out = append(out, found...)
	}
	return out, nil
}

func (m *Mover) verifyPlace(ctx context.Context, p *place, shards []Shard, deep bool, told func(string)) ([]Finding, error) {
	sizes, err := p.sizes(ctx)
	if err != nil {
		return nil, err
	}
	var out []Finding
	add := func(s tintype.Shard, what, do string) { out = append(out, Finding{p.Name, s, what, do}) }
	newest, err := postgres.ShardMigration()
	if err != nil {
		return nil, err
	}
	for _, s := range shards {
		if s.Database != p.Name {
			continue
		}
		if _, there := sizes[name(s.Shard)]; !there {
			do := "bring the schema back from a backup"
			if _, gone := sizes[old(s.Shard)]; gone {
				do = fmt.Sprintf("tintype shard move %d --resume, or --cancel; nobody can reach the shard until then", s.Shard)
			}
			add(s.Shard, "its schema "+name(s.Shard)+" is not there", do)
			continue
		}
		var at int
		if err := p.db.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM "+name(s.Shard)+".migrations").Scan(&at); err != nil {
			return nil, err
		}
		if at != newest {
			add(s.Shard, fmt.Sprintf("its schema is at migration %d, this program at %d", at, newest), "start the site with the program of the newer number")
		}
		if deep {
			told(fmt.Sprintf("shard %d of %s", s.Shard, p.Name))
			found, err := m.verifyRows(ctx, p, s.Shard)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	leftover, err := p.leftovers(ctx, sizes, shards)
	if err != nil {
		return nil, err
	}
	out = append(out, leftover...)
	strays, err := p.strayJobs(ctx, shards)
	return append(out, strays...), err
}

// leftovers finds schemas, publications, subscriptions and slots that no shard of the map and no open move accounts for.
func (p *place) leftovers(ctx context.Context, sizes map[string]size, shards []Shard) ([]Finding, error) {
	// whose gives the shard of the map, if its move under way has to do with this database.
	whose := func(s tintype.Shard) (known Shard, moving bool) {
		i := slices.IndexFunc(shards, func(k Shard) bool { return k.Shard == s })
		if i < 0 {
			return Shard{}, false
		}
		known = shards[i]
		return known, known.Move != nil && (known.Move.From == p.Name || known.Move.To == p.Name)
	}
	var out []Finding
	names := make([]string, 0, len(sizes))
	for n := range sizes {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		s := shardOf(n)
		known, moving := whose(s)
		if known.Database == p.Name && n == name(s) || moving {
			continue
		}
		what, do := "the schema "+n+" belongs to no shard of the map", "see what is in it, then drop it"
		if mine, err := p.marked(ctx, n); err != nil {
			return nil, err
		} else if mine {
			what, do = "the schema "+n+" is a copy half made", "drop it: DROP SCHEMA "+n+" CASCADE"
		}
		out = append(out, Finding{p.Name, s, what, do})
	}
	for _, q := range []struct{ what, do, query string }{
		{"the publication %s", "DROP PUBLICATION %s", "SELECT pubname FROM pg_publication WHERE pubname ~ '^tintype_s[0-9]{4}$'"},
		{"the subscription %s", "ALTER SUBSCRIPTION %[1]s DISABLE, then ALTER SUBSCRIPTION %[1]s SET (slot_name = NONE), then DROP SUBSCRIPTION %[1]s",
			"SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() AND subname ~ '^tintype_s[0-9]{4}$'"},
		{"the replication slot %s, which keeps all WAL since", "SELECT pg_drop_replication_slot('%s')",
			"SELECT slot_name FROM pg_replication_slots WHERE database = current_database() AND slot_name ~ '^tintype_[0-9]+_s[0-9]{4}$'"},
	} {
		found, err := p.names(ctx, q.query)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			if _, moving := whose(shardOf(n)); !moving {
				out = append(out, Finding{p.Name, shardOf(n), fmt.Sprintf(q.what, n) + " belongs to no move", fmt.Sprintf(q.do, n)})
			}
		}
	}
	return out, nil
}

func (p *place) names(ctx context.Context, query string) ([]string, error) {
	rows, err := p.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// strayJobs finds jobs of shards that are elsewhere. They are worked where they
// are; it matters to whoever wants to take the database away.
func (p *place) strayJobs(ctx context.Context, shards []Shard) ([]Finding, error) {
	var there bool
	if err := p.db.QueryRowContext(ctx, "SELECT to_regclass('public.river_job') IS NOT NULL").Scan(&there); err != nil || !there {
		return nil, err
	}
	rows, err := p.db.QueryContext(ctx, `SELECT (metadata ->> 'shard')::int, count(*) FROM public.river_job
		WHERE metadata ? 'shard' AND state NOT IN ('running', 'completed') GROUP BY 1 ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Finding
	for rows.Next() {
		var s tintype.Shard
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(shards, func(k Shard) bool { return k.Shard == s && k.Database != p.Name && k.Move == nil }) {
			out = append(out, Finding{p.Name, s, fmt.Sprintf("%d of its jobs are still here", n), "nothing, unless you want to take the database away: they are worked here"})
		}
	}
	return out, rows.Err()
}

// verifyRows reads a shard: whose ID says another shard, and which accounts have no user.
func (m *Mover) verifyRows(ctx context.Context, p *place, s tintype.Shard) ([]Finding, error) {
	var out []Finding
	schema := name(s)
	for _, c := range []string{"users.id", "posts.id", "posts.user_id", "media.post_id", "uploads.user_id", "likes.post_id", "comments.post_id",
		"tagged_posts.user_id", "choices.user_id",
		"my_likes.user_id", "my_comments.user_id", "follows.user_id", "followers.user_id", "blocks.user_id", "blocked_by.user_id", "activity.user_id", "tag_posts.tag_id", "tags.id", "my_tags.user_id", "dismissals.user_id", "mutes.user_id", "restricts.user_id", "hidden_words.user_id", "held_comments.post_id", "held_comments.user_id", "spot_posts.spot_id", "spots.id", "word_posts.word_id",
		"saved.user_id", "collections.user_id", "collection_posts.user_id", "albums.id", "albums.user_id", "album_posts.album_id", "secret_links.id", "secret_links.user_id",
		"close_friends.user_id",
		"exports.user_id", "imports.user_id", "import_items.user_id", "imported.user_id", "past_ids.id",
		"storage_use.user_id", "stored.post_id"} {
		table, column, _ := strings.Cut(c, ".")
		var n int64
		if err := p.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s.%s WHERE (%s >> 10) & %d <> $1", schema, table, column, tintype.NumShards-1), int64(s)).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, Finding{p.Name, s, fmt.Sprintf("%d rows of %s.%s belong to other shards by their %s", n, schema, table, column), "nobody finds these rows: see how they came there, then delete them"})
		}
	}
	missing, err := m.withoutUser(ctx, p, s)
	if err == nil && missing > 0 {
		out = append(out, Finding{p.Name, s, fmt.Sprintf("%d accounts have no user on it", missing), "bring the rows back from a backup, or remove the accounts"})
	}
	return out, err
}

// withoutUser counts the accounts of a shard whose user is not there, reading both in the order of IDs.
func (m *Mover) withoutUser(ctx context.Context, p *place, s tintype.Shard) (int64, error) {
	accounts, err := m.directory().db.QueryContext(ctx, fmt.Sprintf("SELECT user_id FROM directory.accounts WHERE (user_id >> 10) & %d = $1 ORDER BY user_id", tintype.NumShards-1), int64(s))
	if err != nil {
		return 0, err
	}
	defer accounts.Close()
	users, err := p.db.QueryContext(ctx, "SELECT id FROM "+name(s)+".users ORDER BY id")
	if err != nil {
		return 0, err
	}
	defer users.Close()
	var a, u, n int64
	more := true
	for accounts.Next() {
		if err := accounts.Scan(&a); err != nil {
			return 0, err
		}
		for more && u < a {
			if more = users.Next(); more {
				if err := users.Scan(&u); err != nil {
					return 0, err
				}
			}
		}
		if !more || u != a {
			n++
		}
	}
	if err := users.Err(); err != nil {
		return 0, err
	}
	return n, accounts.Err()
}
