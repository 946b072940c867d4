package post

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// ApplyEdges is the handler of the like, comment, gone, unnamed and block items of
// job.EdgeKind; others are left alone.
func (s *Service) ApplyEdges(ctx context.Context, edges []job.Edge) error {
	var likes, comments, gone, unnamed, blocks []job.Edge
	for _, e := range edges {
		switch e.Type {
		case job.EdgeLike:
			likes = append(likes, e)
		case job.EdgeComment:
			comments = append(comments, e)
		case job.EdgeGone:
			gone = append(gone, e)
		case job.EdgeUnnamed:
			unnamed = append(unnamed, e)
		case job.EdgeBlock:
			blocks = append(blocks, e)
		}
	}
	return errors.Join(s.applyLikes(ctx, likes), s.applyComments(ctx, comments), s.applyGone(ctx, gone),
		s.c.LikeEdges.ApplyUnnamed(ctx, unnamed), s.applyBlocks(ctx, blocks))
}

func (s *Service) applyLikes(ctx context.Context, likes []job.Edge) error {
	if len(likes) == 0 {
		return nil
	}
	posts, noticed, err := s.c.LikeEdges.ApplyLikes(ctx, likes)
	if len(posts) > 0 {
		if e := s.dropPosts(ctx, posts...); err == nil {
			err = e
		}
		s.c.OnChange(posts)
	}
	if err == nil {
		for _, e := range likes {
			s.pending.arrived(e.User, e.Post, e.Op)
		}
	}
	if len(noticed) > 0 {
		s.c.OnActivity(noticed)
	}
	return err
}

func (s *Service) applyComments(ctx context.Context, comments []job.Edge) error {
	if len(comments) == 0 {
		return nil
	}
	return s.c.Comments.ApplyComments(ctx, comments)
}

func (s *Service) applyGone(ctx context.Context, gone []job.Edge) error {
	if len(gone) == 0 {
		return nil
	}
	err := s.c.LikeEdges.ApplyGone(ctx, gone)
	pairs := make([][2]tintype.ID, len(gone))
	for i, e := range gone {
		pairs[i] = [2]tintype.ID{e.User, e.Post}
		s.pending.arrived(e.User, e.Post, 1<<63-1)
	}
	if e := s.forgetLiked(ctx, pairs); err == nil {
		err = e
	}
	return err
}

// Erase is the handler of job.EraseKind: what hung on a deleted post goes, a
// batch at a time; while there is more, the store enqueues the next batch. The
// post is dropped from the caches once more, in case the process that deleted it
// died before it could.
func (s *Service) Erase(ctx context.Context, posts []job.Erase) error {
	for _, e := range posts {
		if err := s.dropPosts(ctx, e.Post); err != nil {
			return err
		}
		if err := s.c.Eraser.ErasePost(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Purge is the handler of job.PurgeKind: files are deleted, and then forgotten
// by the caches that may have shown them.
func (s *Service) Purge(ctx context.Context, items []job.Purge) error {
	var keys, paths []string
	for _, it := range items {
		keys = append(keys, it.Keys...)
		paths = appendPaths(paths, it.Post, it.Keys)
	}
	if err := s.c.Blobs.Delete(ctx, keys...); err != nil {
		return err
	}
	return s.forget(ctx, paths)
}

// appendPaths appends the paths of those files that everybody may have been
// shown: renditions of a post, and profile pictures.
func appendPaths(paths []string, post tintype.ID, keys []string) []string {
	for _, k := range keys {
		if name, ok := strings.CutPrefix(k, "r/"); ok && post != 0 && strings.HasSuffix(name, ".jpg") { // other formats have the same address
			paths = append(paths, "/m/"+post.Shortcode()+"/"+name)
		} else if strings.HasPrefix(k, "avatars/") {
			paths = append(paths, "/"+k)
		}
	}
	return paths
}

func (s *Service) forget(ctx context.Context, paths []string) error {
	if s.c.Caches == nil || len(paths) == 0 {
		return nil
	}
	return s.c.Caches.Forget(ctx, paths)
}

const (
	// uncachePage is how many posts one job has caches forget.
	uncachePage = 100
	// uncacheAgain is when that is done a second time: a process that had not yet
	// heard that a user went private may have filled a cache once more.
	uncacheAgain = 15 * time.Second
)

// Uncache is the handler of job.UncacheKind. The user, or the post, is dropped from the
// caches once more, in case the process that made them private died before it could.
func (s *Service) Uncache(ctx context.Context, items []job.Uncache) error {
	for _, it := range items {
		if err := s.dropOwner(ctx, it.User); err != nil {
			return err
		}
		if it.Post != 0 {
			if err := s.dropPosts(ctx, it.Post); err != nil {
				return err
			}
		}
	}
	if s.c.Caches == nil {
		return nil
	}
	for _, it := range items {
		if it.Before == 0 && !it.Last {
			again := job.Insert{Kind: job.UncacheKind, Item: job.Uncache{User: it.User, Post: it.Post, Last: true}, NotBefore: s.c.Clock().Add(uncacheAgain)}
			if err := s.c.Queue.Put(ctx, it.User, again); err != nil {
				return err
			}
		}
		ids := []tintype.ID{it.Post}
		if it.Post == 0 {
			var err error
			if ids, err = s.c.Posts.PostIDs(ctx, it.User, tintype.Page{Max: it.Before, Count: uncachePage}); err != nil {
				return err
			}
		}
		posts, err := s.c.Posts.Posts(ctx, ids)
		if err != nil {
			return err
		}
		var paths []string
		for _, p := range posts {
			for i := range p.Media {
				paths = appendPaths(paths, p.ID, blob.Renditions(p.Media[i].Key))
			}
		}
		if err := s.forget(ctx, paths); err != nil {
			return err
		}
		if len(ids) == uncachePage {
			it.Before = ids[len(ids)-1]
			if err := s.c.Queue.Put(ctx, it.User, job.Insert{Kind: job.UncacheKind, Item: it}); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepUploads is how long an upload waits to be published.
const keepUploads = 24 * time.Hour

// Sweep deletes uploads that nobody published within a day, and what the
// configured sweeps forget; call it hourly.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.c.Clock()
	err := s.c.OldUploads.SweepUploads(ctx, now.Add(-keepUploads))
	for _, sw := range s.c.Sweeps {
		err = errors.Join(err, sw.Sweep(ctx, now))
	}
	return err
}
