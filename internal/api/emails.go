package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/tintype/tintype/internal/knobs"
)

func (a *API) getEmail(c *call) error {
	e, err := a.cfg.Emails.EmailOf(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Email    string  `json:"email"`
		Verified seconds `json:"verified_time"`
		Pending  string  `json:"pending"`
		Required bool    `json:"required"`
	}{e.Address, seconds(e.Verified), e.Pending, a.cfg.Knobs.Number(knobs.VerifiedEmail) != 0})
}

func (a *API) changeEmail(c *call) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Emails.ChangeEmail(c.r.Context(), c.who, in.Email, in.Password, c.client()); err != nil {
		return err
	}
	return a.getEmail(c)
}

func (a *API) askVerify(c *call) error {
	if err := a.cfg.Emails.AskVerify(c.r.Context(), c.who); err != nil {
		return err
	}
	return c.null()
}

// linkJSON is what a link from a letter says.
type linkJSON struct {
	Token string `json:"token"`
}

func (a *API) confirmEmail(c *call) error {
	var in linkJSON
	if err := c.decode(&in); err != nil {
		return err
	}
	email, err := a.cfg.Links.ConfirmEmail(c.r.Context(), in.Token, c.client())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"email": email})
}

func (a *API) undoEmail(c *call) error {
	var in linkJSON
	if err := c.decode(&in); err != nil {
		return err
	}
	email, err := a.cfg.Links.UndoEmail(c.r.Context(), in.Token, c.client())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"email": email})
}

func (a *API) forgotPassword(c *call) error {
	var in struct {
		Email string `json:"email"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Links.ForgotPassword(c.r.Context(), in.Email, c.client()); err != nil {
		return err
	}
	return c.null()
}

func (a *API) resetPassword(c *call) error {
	var in struct {
		Token    string `json:"token"`
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Links.SetForgotten(c.r.Context(), in.Token, in.Password, c.client()); err != nil {
		return err
	}
	return c.null()
}

// mayShow refuses what shows to others to members whose address is not confirmed, if an operator wants it so. What is
// there they may take back.
func (a *API) mayShow(c *call) error {
	if c.viewer() == 0 || a.cfg.Knobs.Number(knobs.VerifiedEmail) == 0 {
		return nil
	}
	refused, err := a.cfg.Emails.MayShow(c.r.Context(), c.viewer(), true)
	return cmp.Or(err, refused)
}

// mayPublish is mayShow for what is published, which an operator may have switched off.
func (a *API) mayPublish(c *call) error {
	if err := a.cfg.Knobs.Closed(knobs.Posting); err != nil {
		return err
	}
	return a.mayShow(c)
}

// says tells whether one of some texts is to be written, and not only taken away.
func says(texts ...*string) bool {
	return slices.ContainsFunc(texts, func(s *string) bool { return s != nil && *s != "" })
}
