package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/tintype"
)

// plant is a filled site and what the rows need to know of it.
type plant struct {
	Dir    string
	Tokens []string // of the first people, who are active and well followed
	Users  []tintype.ID
	Posts  []*tintype.Post // recent ones that those people see in their feeds
	Public []tintype.ID    // some thousands of posts that everybody may see
	Tag    string          // that most of Posts have, whose page holds those
}

// build makes (or finds, with its marker beside it) a site of so many people
// and posts, without pictures, and signs the first people in.
func (b *Bench) build(ctx context.Context, people, posts int) (*plant, error) {
	dir := filepath.Join(b.Dir, fmt.Sprintf("site-%d-%d", people, posts))
	marker := filepath.Join(dir, "bench-filled")
	if _, err := os.Stat(marker); err != nil {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	a, err := app.Open(ctx, app.Config{Data: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if _, err := os.Stat(marker); err != nil {
		b.say("filling a site of %d people and %d posts", people, posts)
		now := time.Now()
		_, err := demo.Fill(ctx, a.Bulk(now.Add(-7*24*time.Hour)), demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}, demo.AccountNames{Service: a.Account}, nil,
			demo.Options{Seed: 1, Now: now, People: people, Posts: posts, Active: min(people, 1000), Width: 640, Password: "tintype-bench", Shards: a.Shards()}, func(string, int, int) {})
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(marker, nil, 0o600); err != nil {
			return nil, err
		}
	}
	return signIn(ctx, a, dir)
}

// tag chooses the tag that most of the posts have, and brings those to its page, as jobs do with posts that come one by one.
func (p *plant) tag(ctx context.Context, a *app.App) error {
	count := map[string]int{}
	for _, post := range p.Posts {
		for _, t := range post.Tags {
			if count[t]++; count[t] > count[p.Tag] || count[t] == count[p.Tag] && t < p.Tag {
				p.Tag = t
			}
		}
	}
	for _, post := range p.Posts {
		if slices.Contains(post.Tags, p.Tag) {
			if _, err := a.Tags.Rebuild(ctx, post.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// signIn opens sessions for the first hundred people and collects what they see.
func signIn(ctx context.Context, a *app.App, dir string) (*plant, error) {
	p := &plant{Dir: dir}
	members, err := a.Members(ctx, 0, 100)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		token, err := a.Account.Open(ctx, m.User.ID, client())
		if err != nil {
			return nil, err
		}
		p.Tokens, p.Users = append(p.Tokens, token), append(p.Users, m.User.ID)
	}
	seen := map[tintype.ID]bool{}
	for _, u := range p.Users {
		posts, _, _, err := a.Feed.Home(ctx, u, tintype.Page{Count: 40})
		if err != nil {
			return nil, err
		}
		for _, post := range posts {
			if !seen[post.ID] {
				seen[post.ID] = true
				p.Posts = append(p.Posts, post)
			}
		}
	}
	others, err := a.Members(ctx, 0, 2000)
	if err != nil {
		return nil, err
	}
	for _, m := range others {
		posts, _, err := a.Post.ByUser(ctx, 0, m.User.ID, tintype.Page{Count: 10})
		if tintype.IsKind(err, tintype.NotAllowed) {
			continue // a private user
		}
		if err != nil {
			return nil, err
		}
		for _, post := range posts {
			p.Public = append(p.Public, post.ID)
		}
	}
	return p, p.tag(ctx, a)
}

func client() account.Client { return account.Client{UserAgent: "tintype bench"} }

// smallJPEG is a picture that costs little to process.
func smallJPEG(seed uint64) ([]byte, error) {
	return demo.EncodeJPEG(demo.Draw(seed, 160, 120), demo.Shot{Make: "Halide", Model: "H-1", Lens: "Halide 35mm F2", Taken: time.Now(), ExposureDenominator: 250, Aperture: 5.6, ISO: 400, FocalLength: 35})
}
