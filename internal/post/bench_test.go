package post_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// BenchmarkVisible hydrates a feed page: 20 posts of 20 authors, each with likes and comments.
func BenchmarkVisible(b *testing.B) {
	s := newSite(b, &quick{})
	ctx := context.Background()
	viewer := s.user(b, "viewer", false)
	ids := make([]tintype.ID, 20)
	authors := make([]tintype.ID, 20)
	for i := range ids {
		authors[i] = s.user(b, fmt.Sprintf("author%d", i), false)
		ids[i] = s.publish(b, authors[i], post.Draft{Caption: "a caption with a #tag"}).ID
	}
	for i, id := range ids {
		for k := range 5 {
			if err := s.Like(ctx, authors[(i+k)%20], id); err != nil {
				b.Fatal(err)
			}
			if _, _, err := s.AddComment(ctx, authors[(i+k)%20], id, "lovely", ""); err != nil {
				b.Fatal(err)
			}
		}
	}
	s.work(b)
	run := func(name string, viewer tintype.ID, before func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				before()
				posts, err := s.Visible(ctx, viewer, ids)
				if err != nil || len(posts) != 20 {
					b.Fatal(len(posts), err)
				}
			}
		})
	}
	run("warm", viewer, func() {})
	run("warm, signed out", 0, func() {})
	run("cold posts", viewer, func() { s.posts.Clear() })
	b.Run("warm, one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Get(ctx, viewer, ids[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("warm, profile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := s.ByUser(ctx, viewer, authors[0], tintype.Page{Count: 20}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("liked", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Liked(ctx, viewer, ids); err != nil {
				b.Fatal(err)
			}
		}
	})
}

var (
	bareLike = &sqlstore.Stmt{Name: "test.bare_like", SQL: `INSERT INTO {s}my_likes (user_id, post_id, op, state) VALUES ($1, $2, $3, 2)
		ON CONFLICT (user_id, post_id) DO UPDATE SET op = excluded.op`}
)

// BenchmarkLike is durable likes by 64 clients; bare is one transaction, and
// one fsync, for each row. applied is what the jobs do for each like.
func BenchmarkLike(b *testing.B) {
	s := newSite(b, &quick{})
	ctx := context.Background()
	const people = 64
	users := make([]tintype.ID, people)
	posts := make([]tintype.ID, 500)
	for i := range users {
		users[i] = s.user(b, fmt.Sprintf("user%d", i), false)
	}
	for i := range posts {
		posts[i] = s.publish(b, users[i%people], post.Draft{}).ID
	}
	s.work(b)
	b.Run("likes", func(b *testing.B) {
		b.SetParallelism(people / 2)
		next := make(chan int, people)
		for i := range people {
			next <- i
		}
		b.RunParallel(func(pb *testing.PB) {
			me := <-next
			defer func() { next <- me }()
			for i := 0; pb.Next(); i++ {
				act := s.Like
				if i/len(posts)%2 == 1 {
					act = s.Unlike
				}
				if err := act(ctx, users[me], posts[i%len(posts)]); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "likes/s")
		b.StopTimer()
	})
	b.Run("comments", func(b *testing.B) {
		b.SetParallelism(people / 2)
		next := make(chan int, people)
		for i := range people {
			next <- i
		}
		b.RunParallel(func(pb *testing.PB) {
			me := <-next
			defer func() { next <- me }()
			for i := 0; pb.Next(); i++ {
				if _, _, err := s.AddComment(ctx, users[me], posts[i%len(posts)], "what a lovely picture", ""); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "comments/s")
	})
	b.Run("bare", func(b *testing.B) {
		n := tintype.ID(0)
		for b.Loop() {
			n++
			if err := s.r.Homes()[0].Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, bareLike, n, n, n)
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "likes/s")
	})
	s.work(b)
	b.Run("applied", func(b *testing.B) {
		b.StopTimer()
		for i := range b.N {
			op := s.Like
			if i/(len(posts)*people)%2 == 1 {
				op = s.Unlike
			}
			if err := op(ctx, users[i%people], posts[len(posts)-1-i/people%len(posts)]); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		s.work(b)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "likes/s")
	})
}
