package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tintype/tintype/internal/tintype"
)

// maxSubject is the longest that a provider may call somebody (OpenID Connect Core 1.0, section 2), in bytes.
const maxSubject = 255

// maxCode is the longest code that is passed on.
const maxCode = 4096

// Address gives where a browser is to be sent.
func (c *Client) Address(ctx context.Context, id string, t tintype.ProviderTrip) (string, error) {
	_, d, err := c.discover(ctx, id)
	if err != nil {
		return "", err
	}
	config := d.oauth
	config.RedirectURL = t.ReturnTo
	return config.AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), nil
}

// claims are what a provider says of somebody.
type claims struct {
	AuthorizedParty string `json:"azp"`
	Email           string `json:"email"`
	EmailVerified   any    `json:"email_verified"` // some send it as a string
	Username        string `json:"preferred_username"`
	Name            string `json:"name"`
}

// Redeem gives whom a code is of. issuer is what came beside it, "" for nothing.
func (c *Client) Redeem(ctx context.Context, id, code, issuer string, t tintype.ProviderTrip) (tintype.ProviderUser, error) {
	p, d, err := c.discover(ctx, id)
	if err != nil {
		return tintype.ProviderUser{}, err
	}
	if issuer != p.Issuer && (issuer != "" || d.sendsIss) {
		return tintype.ProviderUser{}, p.refused(fmt.Errorf("the answer is from %q", issuer))
	}
	if code == "" || len(code) > maxCode {
		return tintype.ProviderUser{}, p.refused(errors.New("the answer has no code"))
	}
	ctx = oidc.ClientContext(ctx, c.http)
	config := d.oauth
	config.RedirectURL = t.ReturnTo
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		var answer *oauth2.RetrieveError
		if errors.As(err, &answer) && answer.Response.StatusCode < 500 {
			return tintype.ProviderUser{}, p.refused(err)
		}
		return tintype.ProviderUser{}, p.down(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return tintype.ProviderUser{}, p.refused(errors.New("the answer has no id_token"))
	}
	said, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return tintype.ProviderUser{}, p.refused(err)
	}
	var more claims
	if err := said.Claims(&more); err != nil {
		return tintype.ProviderUser{}, p.refused(err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(t.Nonce)) != 1:
		return tintype.ProviderUser{}, p.refused(errors.New("the nonce is another one"))
	case more.AuthorizedParty != "" && more.AuthorizedParty != p.ClientID, more.AuthorizedParty == "" && len(said.Audience) > 1:
		return tintype.ProviderUser{}, p.refused(fmt.Errorf("it is for %q, of %q", more.AuthorizedParty, said.Audience))
	case said.Subject == "" || len(said.Subject) > maxSubject || strings.ContainsRune(said.Subject, 0):
		return tintype.ProviderUser{}, p.refused(fmt.Errorf("%d bytes are no subject", len(said.Subject)))
	}
	if more.Email == "" && more.Username == "" && more.Name == "" && d.hasPeople {
		more = c.people(ctx, d, said.Subject, token)
	}
	// The issuer as configured, which Verify has compared: it is the key.
	return tintype.ProviderUser{Issuer: p.Issuer, Subject: said.Subject, Email: shorten(more.Email), EmailVerified: verified(more.EmailVerified),
		Username: shorten(more.Username), FullName: shorten(more.Name)}, nil
}

// people asks about whom a provider has signed in. They are proposals only, so that an error is no more than none.
func (c *Client) people(ctx context.Context, d *discovered, subject string, token *oauth2.Token) (out claims) {
	u, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || u.Subject != subject || u.Claims(&out) != nil {
		return claims{}
	}
	return out
}

func verified(v any) bool { return v == true || v == "true" }

// shorten keeps what a provider says within bounds.
func shorten(s string) string {
	if len(s) > 500 || strings.ContainsRune(s, 0) {
		return ""
	}
	return s
}
