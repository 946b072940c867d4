package post

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Archive takes one of user's own posts out of everything but the archive, with its likes and comments, or brings it back.
func (s *Service) Archive(ctx context.Context, user, post tintype.ID, on bool) error {
	return s.arrangeOwn(ctx, user, post, tintype.Arrangement{Archived: &on})
}

// Pin puts one of user's own posts before the others on the profile, or back into line.
// Conflict if tintype.MaxPinned are there, or it is archived.
func (s *Service) Pin(ctx context.Context, user, post tintype.ID, on bool) error {
	return s.arrangeOwn(ctx, user, post, tintype.Arrangement{Pinned: &on})
}

func (s *Service) arrangeOwn(ctx context.Context, user, post tintype.ID, a tintype.Arrangement) error {
	if _, err := s.own(ctx, user, post); err != nil {
		return err
	}
	return s.arrange(ctx, user, post, a)
}

// arrange changes how a post of user's stands. Who is named in its pictures and will not see it is not named any more;
// archived, nobody else sees it, and it is brought back with all. It holds in every answer when it returns; jobs bring the post to where it belongs.
func (s *Service) arrange(ctx context.Context, user, post tintype.ID, a tintype.Arrangement) error {
	if a == (tintype.Arrangement{}) {
		return nil
	}
	if a.Audience != nil && *a.Audience != tintype.AudienceEveryone {
		// Before it is narrower: it is never told behind somebody's back that they are in it.
		if err := s.unnameBlind(ctx, user, post, *a.Audience); err != nil {
			return err
		}
	}
	err := s.c.Standing.Arrange(ctx, user, post, a)
	// After an error it may have happened all the same.
	err = s.commented(ctx, post, err)
	if e := s.dropOwner(ctx, user); err == nil {
		err = e
	}
	return err
}

// Archived lists user's archived posts, newest first. next is the page.Max of the next page, 0 at the end.
func (s *Service) Archived(ctx context.Context, user tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	if user == 0 {
		return nil, 0, errSignedIn
	}
	ask := page
	ask.Count++
	ids, err := s.c.Standing.ArchivedIDs(ctx, user, ask)
	if err != nil {
		return nil, 0, err
	}
	if len(ids) > page.Count {
		ids = ids[:page.Count]
		next = ids[page.Count-1]
	}
	posts, err = s.visible(ctx, user, ids, true)
	return posts, next, err
}
