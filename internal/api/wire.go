package api

import (
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// The objects of API v1 that are written with encoding/json. Posts, comments
// and short users inside lists are written by the splicer in the same shapes.

// userJSON is a user in full.
type userJSON struct {
	ID             tintype.ID        `json:"id"`
	Username       string            `json:"username"`
	FullName       string            `json:"full_name"`
	ProfilePicture string            `json:"profile_picture"`
	Bio            string            `json:"bio"`
	Website        string            `json:"website"`
	IsPrivate      bool              `json:"is_private"`
	HasMap         bool              `json:"has_map,omitempty"`
	Counts         countsJSON        `json:"counts"`
	Relationship   *relationshipJSON `json:"relationship,omitempty"`
}

type countsJSON struct {
	Media      int64 `json:"media"`
	Follows    int64 `json:"follows"`
	FollowedBy int64 `json:"followed_by"`
}

type relationshipJSON struct {
	Outgoing string `json:"outgoing_status"`
	Incoming string `json:"incoming_status"`
	Private  bool   `json:"target_user_is_private"`
	Friend   bool   `json:"is_close_friend,omitempty"` // the viewer counts them so; nobody else is told

	// What the caller set, of which the other does not learn.
	Muted         bool `json:"muted,omitempty"`
	MutedActivity bool `json:"muted_activity,omitempty"`
	Restricted    bool `json:"restricted,omitempty"`
}

// selfJSON is the viewer's own user.
type selfJSON struct {
	userJSON
	Email     string `json:"email"`
	Verified  bool   `json:"email_verified"`
	Admin     bool   `json:"is_admin"`
	Moderator bool   `json:"is_moderator"`
	Locale    string `json:"locale"`
	Unread    int    `json:"unread_activity"`
	SignUp    string `json:"signup_mode,omitempty"` // for admins

	HidesLikes bool `json:"hides_likes"`
}

func (c *call) userJSON(u *tintype.User) userJSON {
	media := u.Counts.Media
	if u.ID == c.viewer() {
		media += u.Counts.FriendMedia
	}
	return userJSON{
		ID: u.ID, Username: u.Username, FullName: u.FullName, ProfilePicture: c.pictures + AvatarPath(u),
		Bio: u.Bio, Website: u.Website, IsPrivate: u.Private, HasMap: u.ShowsMap,
		Counts: countsJSON{Media: media, Follows: u.Counts.Follows, FollowedBy: u.Counts.FollowedBy},
	}
}

// seconds is a time in JSON: a string of epoch seconds, null for none.
type seconds time.Time

// MarshalJSON implements json.Marshaler.
func (s seconds) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + strconv.FormatInt(t.Unix(), 10) + `"`), nil
}

// AvatarPath is the path of a user's profile picture: their own, or one with
// their initial on a colour that stays theirs.
func AvatarPath(u *tintype.User) string {
	if u.AvatarKey != "" {
		return "/avatars/" + u.ID.String() + "/" + u.AvatarKey + "/150.jpg"
	}
	return fmt.Sprintf("/avatars/default/%d/%x.svg", slot(u.ID, 1<<16)%hues*hueStep, initial(u))
}

// Hues of default pictures: few, so that caches hold them all.
const (
	hues    = 24
	hueStep = 360 / hues
)

// initial is the letter on a default picture.
func initial(u *tintype.User) rune {
	for _, s := range [...]string{u.FullName, u.Username} {
		for _, r := range s {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				if up := unicode.ToUpper(r); up != utf8.RuneError {
					return up
				}
			}
		}
	}
	return '?'
}

// commentJSON is one comment.
type commentJSON struct {
	ID      tintype.ID `json:"id"`
	Created seconds    `json:"created_time"`
	Text    string     `json:"text"`
	From    shortJSON  `json:"from"`
}

// shortJSON is a user as others' objects name them.
type shortJSON struct {
	ID             tintype.ID `json:"id"`
	Username       string     `json:"username"`
	FullName       string     `json:"full_name"`
	ProfilePicture string     `json:"profile_picture"`
}

func (c *call) shortJSON(u *tintype.User) shortJSON {
	return shortJSON{u.ID, u.Username, u.FullName, c.pictures + AvatarPath(u)}
}
