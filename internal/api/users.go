package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

// self answers with the viewer's own user.
func (a *API) self(c *call, u *tintype.User) error {
	ctx := c.r.Context()
	private, err := a.cfg.Profiles.Private(ctx, u.ID)
	if err != nil {
		return err
	}
	unread, err := a.cfg.Activities.Unread(ctx, u.ID)
	if err != nil {
		return err
	}
	out := selfJSON{userJSON: c.userJSON(u), Admin: private.Admin, Moderator: private.Moderator, Locale: private.Locale, Unread: unread, HidesLikes: u.HidesLikes}
	if c.who.Scopes&tintype.ScopeSession != 0 {
		out.Email, out.Verified = private.Email, private.EmailVerified // an app needs no address
	}
	if private.Admin {
		site, err := a.cfg.Site.Site(ctx)
		if err != nil {
			return err
		}
		out.SignUp = site.SignUp
	}
	return c.json(http.StatusOK, out)
}

func (a *API) getSelf(c *call) error {
	u, err := a.cfg.People.User(c.r.Context(), c.viewer(), c.viewer())
	if err != nil {
		return err
	}
	return a.self(c, u)
}

func (a *API) updateSelf(c *call) error {
	var in struct {
		Username  *string `json:"username"`
		FullName  *string `json:"full_name"`
		Bio       *string `json:"bio"`
		Website   *string `json:"website"`
		Email     *string `json:"email"` // only to say where it is changed
		Private   *bool   `json:"is_private"`
		HasMap    *bool   `json:"has_map"`
		HideLikes *bool   `json:"hides_likes"`
		Locale    *string `json:"locale"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Email != nil {
		return tintype.FieldError("email", "the e-mail address is changed at /v1/users/self/email, with the password")
	}
	if says(in.Username, in.FullName, in.Bio, in.Website) || in.Private != nil && !*in.Private || in.HasMap != nil && *in.HasMap {
		if err := a.mayShow(c); err != nil {
			return err
		}
	}
	u, err := a.cfg.Profiles.UpdateProfile(c.r.Context(), c.viewer(), account.Changes{Username: in.Username, FullName: in.FullName,
		Bio: in.Bio, Website: in.Website, Private: in.Private, ShowsMap: in.HasMap, HidesLikes: in.HideLikes, Locale: in.Locale})
	if err != nil {
		return err
	}
	return a.self(c, u)
}

func (a *API) setAvatar(c *call) error {
	src, _, err := c.file()
	if err != nil {
		return err
	}
	if err := a.cfg.Storage.Room(c.r.Context(), 0); err != nil {
		return err
	}
	u, err := a.cfg.Profiles.SetAvatar(c.r.Context(), c.viewer(), src)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, c.userJSON(u))
}

func (a *API) removeAvatar(c *call) error {
	u, err := a.cfg.Profiles.RemoveAvatar(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, c.userJSON(u))
}

// file gives the file that a request carries, as its raw body or as the part
// "file" of a multipart form, as a stream; size is -1 where it is not known.
func (c *call) file() (src io.Reader, size int64, err error) {
	t, p, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(t, "multipart/") {
		if c.form != nil {
			return nil, 0, tintype.FieldError("file", "please send the picture itself, as the body or as multipart/form-data")
		}
		return bodyReader{c.r.Body}, c.r.ContentLength, nil
	}
	if t != "multipart/form-data" || p["boundary"] == "" {
		return nil, 0, errBodyType
	}
	form := multipart.NewReader(c.r.Body, p["boundary"])
	for range 20 { // small fields may come before it
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, bodyError(err)
		}
		if part.FormName() == "file" {
			return bodyReader{part}, -1, nil
		}
	}
	return nil, 0, tintype.FieldError("file", "the form has no part named \"file\"")
}

// bodyReader gives the errors of a request's body in our words.
type bodyReader struct{ r io.Reader }

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = bodyError(err)
	}
	return n, err
}

// userOf gives a user in full, with what lies between them and the viewer.
func (a *API) userOf(ctx context.Context, c *call, u *tintype.User) error {
	out := c.userJSON(u)
	if v := c.viewer(); v != 0 && v != u.ID {
		r, err := a.relationship(ctx, v, u.ID)
		if err != nil {
			return err
		}
		out.Relationship = r
	}
	return c.json(http.StatusOK, out)
}

func (a *API) getUser(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	u, err := a.cfg.People.User(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return a.userOf(c.r.Context(), c, u)
}

func (a *API) getUserByName(c *call) error {
	u, err := a.cfg.People.UserByName(c.r.Context(), c.viewer(), c.params.get("username"))
	if err != nil {
		return err
	}
	return a.userOf(c.r.Context(), c, u)
}

func (a *API) searchUsers(c *call) error {
	count, err := c.count(maxUserCount)
	if err != nil {
		return err
	}
	q, err := c.param("q")
	if err != nil {
		return err
	}
	if strings.TrimSpace(q) == "" {
		return tintype.FieldError("q", "please say whom to look for: q=name")
	}
	if len(q) > 200 {
		return tintype.FieldError("q", "that is too long for a name")
	}
	ids, err := a.cfg.Profiles.Search(c.r.Context(), q, count)
	if err != nil {
		return err
	}
	return a.userList(c, ids, 0)
}
