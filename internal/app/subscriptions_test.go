package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/share"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestSubscriptions has a real subscriber: it is challenged by the API, called
// back when somebody publishes, and its owner sees how it fares.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, e, app.Config{OutboundAllow: []string{"127.0.0.1"}})
			s.user("first", false)
			maker, ada, eve := s.user("maker", false), s.user("ada", false), s.user("eve", true)
			a, secret, err := s.app.Account.RegisterApp(t.Context(), maker.ID, account.NewApp{Name: "app", RedirectURIs: []string{"https://app.example/"}})
			if err != nil {
				t.Fatal(err)
			}
			type push struct {
				signature string
				body      []byte
			}
			pushes := make(chan push, 10)
			hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					if r.URL.Query().Get("hub.mode") == "subscribe" && r.URL.Query().Get("hub.verify_token") == "v" {
						fmt.Fprint(w, r.URL.Query().Get("hub.challenge"))
					}
					return
				}
				body, _ := io.ReadAll(r.Body)
				pushes <- push{r.Header.Get("X-Hub-Signature"), body}
			}))
			defer hook.Close()
			auth := "client_id=" + a.ClientID + "&client_secret=" + secret
			form := func(more url.Values) url.Values {
				f := url.Values{"client_id": {a.ClientID}, "client_secret": {secret}, "aspect": {"media"}, "verify_token": {"v"}, "callback_url": {hook.URL + "/hook"}}
				for k, v := range more {
					f[k] = v
				}
				return f
			}
			type subscription struct {
				ID, Type, Object, Aspect string
				ObjectID                 string `json:"object_id"`
				Callback                 string `json:"callback_url"`
			}
			var tag subscription
			s.want(200, nobody, "POST", "/v1/subscriptions/", form(url.Values{"object": {"tag"}, "object_id": {"拂晓"}})).into(t, &tag)
			if tag.Type != "subscription" || tag.Object != "tag" || tag.ObjectID != "拂晓" || tag.Aspect != "media" || tag.Callback != hook.URL+"/hook" || tag.ID == "" {
				t.Errorf("%+v", tag)
			}
			var user, circle subscription
			s.want(200, nobody, "POST", "/v1/subscriptions", form(url.Values{"object": {"user"}})).into(t, &user)
			s.want(200, nobody, "POST", "/v1/subscriptions", form(url.Values{"object": {"geography"}, "lat": {"52.5"}, "lng": {"13.4"}, "radius": {"1000"}})).into(t, &circle)
			for _, tt := range []struct {
				name string
				form url.Values
				typ  string
			}{
				{"another verify_token", form(url.Values{"object": {"user"}, "verify_token": {"w"}}), "APISubscriptionError"},
				{"a wrong secret", form(url.Values{"object": {"user"}, "client_secret": {"x"}}), missing},
				{"no secret", form(url.Values{"object": {"user"}, "client_secret": nil}), missing},
				{"a private address", form(url.Values{"object": {"user"}, "callback_url": {"http://192.168.0.1/"}}), invalid},
				{"another object", form(url.Values{"object": {"planet"}}), invalid},
			} {
				if r := s.ask(nobody, "POST", "/v1/subscriptions", tt.form); r.status != 400 || r.meta.Type != tt.typ || tt.typ == "APISubscriptionError" && !strings.Contains(string(r.body), "Challenge verification failed") {
					t.Errorf("%s: %d %s", tt.name, r.status, r.body)
				}
			}
			if r := s.ask(nobody, "POST", "/v1/subscriptions?"+auth+"&object=user&aspect=media", url.Values{}); r.status != 400 {
				t.Errorf("in the query: %d", r.status)
			}
			var list []subscription
			if s.want(200, nobody, "GET", "/v1/subscriptions?"+auth, nil).into(t, &list); len(list) != 3 {
				t.Errorf("listed %v", list)
			}

			next := func(want ...subscription) {
				t.Helper()
				var got []struct {
					ID       string `json:"subscription_id"`
					Object   string
					ObjectID string `json:"object_id"`
					Aspect   string `json:"changed_aspect"`
					Time     int64
				}
				select {
				case p := <-pushes:
					if p.signature != share.Sign(secret, p.body) {
						t.Errorf("signed %q", p.signature)
					}
					if err := json.Unmarshal(p.body, &got); err != nil {
						t.Fatalf("%v: %s", err, p.body)
					}
				case <-time.After(20 * time.Second):
					t.Fatal("nobody called")
				}
				if len(got) != len(want) {
					t.Fatalf("told %+v", got)
				}
				for i, g := range got {
					if g.ID != want[i].ID || g.Object != want[i].Object || g.ObjectID != want[i].ObjectID || g.Aspect != "media" || g.Time == 0 {
						t.Errorf("told %+v, want %+v", g, want[i])
					}
				}
			}
			s.post(s.session(eve), "#拂晓, for few", 1)
			s.post(s.session(ada), "#拂晓, for all", 2)
			next(tag)
			// What comes later is told of, too, once: by an edit, by the owner's comments.
			late, later := s.post(s.session(ada), "nothing yet", 4), s.post(s.session(ada), "nor here", 5)
			s.settle()
			s.want(200, s.session(ada), "PATCH", "/v1/media/"+late.ID, map[string]any{"caption": "#拂晓 at last"})
			next(tag)
			for range 2 {
				s.want(200, s.session(ada), "POST", "/v1/media/"+later.ID+"/comments", url.Values{"text": {"＃拂晓"}})
				s.settle()
			}
			next(tag)
			s.want(200, s.session(ada), "PATCH", "/v1/media/"+late.ID, map[string]any{"location": map[string]any{"latitude": 52.5, "longitude": 13.4}})
			next(circle)
			s.want(200, s.session(ada), "PATCH", "/v1/media/"+late.ID, map[string]any{"location": nil}) // nobody asked for that
			s.settle()
			if ok, err := allowApp(s, eve.ID, a.ID); err != nil || !ok {
				t.Fatal(ok, err)
			}
			s.post(s.session(eve), "#拂晓, for few and an app", 3)
			user.ObjectID = eve.ID.String()
			next(user)

			// In the circle, which the app may look into and nobody else.
			var up struct{ ID string }
			s.want(201, s.session(ada), "POST", "/v1/uploads", picture(t, 9)).into(t, &up)
			var inside mediaOut
			s.want(201, s.session(ada), "POST", "/v1/media", map[string]any{"uploads": []string{up.ID}, "location": map[string]any{"latitude": 52.501, "longitude": 13.401}}).into(t, &inside)
			next(circle)
			s.settle()
			var there []mediaOut
			if s.want(200, nobody, "GET", "/v1/geographies/"+circle.ID+"/media/recent?client_id="+a.ClientID, nil).into(t, &there); len(there) != 1 || there[0].ID != inside.ID {
				t.Errorf("in the circle: %v", there)
			}
			for _, who := range []credential{nobody, s.session(maker)} {
				if r := s.ask(who, "GET", "/v1/geographies/"+circle.ID+"/media/recent", nil); r.meta.Type != notFound {
					t.Errorf("another looks into the circle: %d %s", r.status, r.body)
				}
			}

			type callback struct {
				ID, State     string
				Subscriptions []subscription
			}
			var fares []callback
			s.settle()
			s.want(200, s.session(maker), "GET", "/v1/apps/"+a.ID.String()+"/callbacks", nil).into(t, &fares)
			if len(fares) != 1 || fares[0].State != "ok" || len(fares[0].Subscriptions) != 3 {
				t.Errorf("%+v", fares)
			}
			s.want(200, s.session(maker), "POST", "/v1/apps/"+a.ID.String()+"/callbacks/"+fares[0].ID+"/resume", nil)
			if r := s.ask(s.session(ada), "GET", "/v1/apps/"+a.ID.String()+"/callbacks", nil); r.meta.Type != notFound {
				t.Errorf("another's app: %d %s", r.status, r.body)
			}
			s.want(200, nobody, "DELETE", "/v1/subscriptions?"+auth+"&id="+tag.ID, nil)
			s.want(200, nobody, "DELETE", "/v1/subscriptions/?"+auth+"&object=all", nil)
			if s.want(200, nobody, "GET", "/v1/subscriptions?"+auth, nil).into(t, &list); len(list) != 0 {
				t.Errorf("when all are gone: %v", list)
			}
		})
	}
}

// allowApp gives an app a token of a user's.
func allowApp(s *site, user, app tintype.ID) (bool, error) {
	c := &tintype.Credential{ID: "allowed" + user.String(), Hash: []byte("allowed" + user.String()), UserID: user, App: app, Scopes: tintype.ScopeBasic, Created: time.Now(), Expires: time.Now().Add(time.Hour)}
	return (sqlstore.Credentials{R: s.app.Backend.Router}).AddCredential(s.t.Context(), c, "")
}
