package account

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Prove gives the app that a request shows the client_id and the client_secret
// of: what an app does in its own name, and in nobody else's. An app that has no
// secret can prove nothing. Its error is an *OAuthError, or RateLimited after too many tries that failed.
func (s *Service) Prove(ctx context.Context, r TokenRequest) (app *tintype.App, err error) {
	err = s.attempt(ctx, r.Client, func() error {
		if app, err = s.client(ctx, r); err == nil && app.Public() {
			err = oauthError("invalid_client", tintype.Unauthenticated, "an app without a secret cannot do this")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return app, nil
}
