package api

import (
	"context"

	"github.com/tintype/tintype/internal/activity"
	"github.com/tintype/tintype/internal/tintype"
)

// PhotoTags is who is in pictures. post.Service provides it.
type PhotoTags interface {
	// PeopleIn is by position of the pictures.
	PeopleIn(ctx context.Context, viewer, post tintype.ID) ([][]tintype.PhotoTag, error)
	AnswerPhotoTag(ctx context.Context, viewer, post tintype.ID, on bool) error
	Tagged(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
	TagsAsked(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
}

// ActivityGroups is activity as groups, and what users choose to hear of. activity.Service provides it.
type ActivityGroups interface {
	Grouped(ctx context.Context, user tintype.ID, ask activity.Ask) (list []tintype.ActivityGroup, next tintype.ID, err error)
	Following(ctx context.Context, viewer tintype.ID, ask activity.Ask) (list []tintype.ActivityGroup, next tintype.ID, err error)
	UnreadKinds(ctx context.Context, user tintype.ID) (map[tintype.ActivityKind]int, error)
	Choices(ctx context.Context, user tintype.ID) (tintype.Choices, error)
	Choose(ctx context.Context, user tintype.ID, d tintype.ChoiceChanges) (tintype.Choices, error)
}

type activityLister func(ctx context.Context, user tintype.ID, ask activity.Ask) (list []tintype.ActivityGroup, next tintype.ID, err error)
