package api

import (
	"net/http"
	"testing"

	"github.com/tintype/tintype/internal/knobs"
)

// TestRoutesSayWhatTheyShow is that of every route by which members write, the table or this test says whether others see what
// is written, and that an operator can close what publishes. What deletes takes back, where the table does not say otherwise.
func TestRoutesSayWhatTheyShow(t *testing.T) {
	t.Parallel()
	// What is written there nobody else sees, or moderators alone, or apps that are the caller's own.
	unseen := map[string]bool{}
	for _, name := range []string{
		// How one signs in, and with what.
		"POST /v1/users", "POST /v1/session", "POST /v1/session/passkey",
		"POST /v1/session/provider", "POST /v1/session/provider/answer", "POST /v1/session/provider/code", "POST /v1/session/provider/join", "POST /v1/users/self/identities", "POST /v1/users/self/identities/{key}/remove", "POST /v1/email/confirm", "POST /v1/email/undo", "POST /v1/password/forgot", "POST /v1/password/reset",
		"POST /v1/users/self/password", "POST /v1/users/self/two-factor", "POST /v1/users/self/two-factor/confirm", "POST /v1/users/self/two-factor/recovery",
		"POST /v1/users/self/two-factor/off", "POST /v1/users/self/passkeys", "POST /v1/users/self/passkeys/challenge", "PATCH /v1/users/self/passkeys/{key}",
		"POST /v1/users/self/passkeys/{key}/remove", "PUT /v1/users/self/email", "POST /v1/users/self/email/verify",
		// What one sets for oneself, or against others, and what one has to oneself.
		"PATCH /v1/users/self/choices", "POST /v1/users/self/activity/seen", "PATCH /v1/users/self/safety", "PUT /v1/users/suggested/{id}", "POST /v1/tags/{name}/relationship",
		"PUT /v1/media/{id}/saved", "POST /v1/collections", "PATCH /v1/collections/{id}", "PUT /v1/collections/{id}/media/{media}", "PUT /v1/media/{id}/archive",
		"POST /v1/users/self/exports", "POST /v1/users/self/imports", "PUT /v1/users/self/imports/{id}/parts/{n}", "POST /v1/users/self/deletion",
		// What is for those who keep order, and for apps.
		"POST /v1/reports", "POST /v1/users/self/notices/{id}/appeal", "POST /v1/suspension", "POST /v1/suspension/appeal", "POST /v1/apps/{id}/secret", "POST /oauth/authorize",
		"POST /oauth/access_token", "POST /oauth/revoke", "POST /v1/subscriptions", "POST /v1/apps/{id}/callbacks/{callback}/resume",
	} {
		unseen[name] = true
	}
	// What shows to others, and no switch closes: each is about what is published already, or no post.
	open := map[string]bool{"PUT /v1/media/{id}/people/self": true, "PUT /v1/media/{id}/pin": true, "PUT /v1/users/self/close-friends/{id}": true, "POST /v1/apps": true}
	for _, r := range Routes() {
		name := r.Method + " " + r.Pattern
		shows := r.Shows != ShowsNothing
		switch {
		case r.Method == http.MethodGet || r.Access >= Moderator:
			if shows {
				t.Errorf("%s shows something, and is for reading, or for those who run the site", name)
			}
		case r.Method != http.MethodDelete && shows == unseen[name]:
			t.Errorf("%s: does it show others something? the table says %v, and this test the same", name, shows)
		case r.Shows == ShowsAlways && (r.Switch == knobs.None) != open[name]:
			t.Errorf("%s: can it be switched off? the table says %v", name, r.Switch != knobs.None)
		}
		delete(unseen, name)
		delete(open, name)
	}
	if len(unseen)+len(open) > 0 {
		t.Errorf("there are no such routes: %v %v", unseen, open)
	}
}
