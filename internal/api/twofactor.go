package api

import (
	"encoding/base64"
	"net/http"
)

func (a *API) getTwoFactor(c *call) error {
	f, err := a.cfg.TwoFactors.TwoFactor(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := struct {
		Enabled  bool     `json:"enabled"`
		Since    *seconds `json:"since,omitempty"`
		Recovery int      `json:"recovery_codes"`
	}{Enabled: f.Enabled, Recovery: f.Recovery}
	if f.Enabled {
		since := seconds(f.Since)
		out.Since = &since
	}
	return c.json(http.StatusOK, out)
}

// proof is what a user shows again before how they sign in is changed.
type proof struct {
	Password string `json:"password"`
	Code     string `json:"code"`
}

func (a *API) beginTwoFactor(c *call) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	e, err := a.cfg.TwoFactors.BeginTwoFactor(c.r.Context(), c.who, in.Password, c.client())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"secret": e.Secret, "uri": e.URI, "qr": "data:image/png;base64," + base64.StdEncoding.EncodeToString(e.QR)})
}

func (a *API) confirmTwoFactor(c *call) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	codes, err := a.cfg.TwoFactors.ConfirmTwoFactor(c.r.Context(), c.who, in.Code, c.client())
	if err != nil {
		return err
	}
	return c.recovery(codes)
}

func (a *API) renewRecovery(c *call) error {
	var in proof
	if err := c.decode(&in); err != nil {
		return err
	}
	codes, err := a.cfg.TwoFactors.RenewRecovery(c.r.Context(), c.who, in.Password, in.Code, c.client())
	if err != nil {
		return err
	}
	return c.recovery(codes)
}

func (c *call) recovery(codes []string) error {
	return c.json(http.StatusOK, map[string][]string{"recovery_codes": codes})
}

func (a *API) endTwoFactor(c *call) error {
	var in proof
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.TwoFactors.EndTwoFactor(c.r.Context(), c.who, in.Password, in.Code, c.client()); err != nil {
		return err
	}
	return c.null()
}
