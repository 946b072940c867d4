package api

import (
	"encoding/json"
	"net/http"

	"github.com/tintype/tintype/internal/account"
)

type passkeyJSON struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Created seconds `json:"created_time"`
	Used    seconds `json:"used_time"`
}

func asPasskey(p account.Passkey) passkeyJSON {
	return passkeyJSON{p.ID, p.Name, seconds(p.Created), seconds(p.Used)}
}

// answerJSON is what a browser answered.
type answerJSON struct {
	Challenge string          `json:"challenge"`
	Response  json.RawMessage `json:"response"`
}

func (a answerJSON) answer() account.PasskeyAnswer {
	return account.PasskeyAnswer{Challenge: a.Challenge, Response: a.Response}
}

func (c *call) ceremony(q account.Ceremony) error {
	return c.json(http.StatusOK, map[string]any{"challenge": q.Challenge, "options": q.Options})
}

func (a *API) listPasskeys(c *call) error {
	list, err := a.cfg.Passkeys.ListPasskeys(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]passkeyJSON, len(list))
	for i, p := range list {
		out[i] = asPasskey(p)
	}
	return c.json(http.StatusOK, out)
}

func (a *API) beginPasskey(c *call) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	q, err := a.cfg.Passkeys.BeginPasskey(c.r.Context(), c.who, in.Password, c.client())
	if err != nil {
		return err
	}
	return c.ceremony(q)
}

func (a *API) addPasskey(c *call) error {
	var in struct {
		answerJSON
		Name string `json:"name"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	p, err := a.cfg.Passkeys.AddPasskey(c.r.Context(), c.who, in.answer(), in.Name, c.client())
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, asPasskey(p))
}

func (a *API) renamePasskey(c *call) error {
	var in struct {
		Name string `json:"name"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Passkeys.RenamePasskey(c.r.Context(), c.who, c.params.get("key"), in.Name); err != nil {
		return err
	}
	return c.null()
}

func (a *API) removePasskey(c *call) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Passkeys.RemovePasskey(c.r.Context(), c.who, c.params.get("key"), in.Password, c.client()); err != nil {
		return err
	}
	return c.null()
}

func (a *API) beginSignIn(c *call) error {
	var in struct {
		Login    string `json:"login"`
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	q, err := a.cfg.Passkeys.BeginSignIn(c.r.Context(), account.Login{Name: in.Login, Password: in.Password, Client: c.client()})
	if err != nil {
		return err
	}
	return c.ceremony(q)
}
