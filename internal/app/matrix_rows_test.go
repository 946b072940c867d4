package app_test

import "net/url"

// row is what is known of a route.
type row struct {
	path   func(x cell) string
	body   func(x cell) any
	expect func(x cell) string // of somebody who passed the chain
	fresh  bool                // it ends or changes the credential it is called with
	once   bool                // what it does is no matter of states: one state will do
}

// rows is what every part of the table expects, by method and pattern.
func rows() map[string]row {
	all := map[string]row{}
	for _, part := range []func() map[string]row{
		firstRows,
		audienceRows,
		mydataRows,
		activityRows,
		mailRows,
		oidcRows,
		collectRows,
		moderateRows,
		safetyRows,
		storageRows,
	} {
		for route, r := range part() {
			if _, twice := all[route]; twice {
				panic("two rows for " + route)
			}
			all[route] = r
		}
	}
	return all
}

func fixedPath(p string) func(cell) string { return func(cell) string { return p } }

func reaches(outcome string) func(cell) string { return func(cell) string { return outcome } }

func jsonBody(v any) func(cell) any { return func(cell) any { return v } }

// onPost is the path of something of the post that is asked about, onUser of its owner.
func onPost(rest string) func(cell) string {
	return func(x cell) string { return "/v1/media/" + x.post().ID + rest }
}

func onUser(rest string) func(cell) string {
	return func(x cell) string { return "/v1/users/" + x.ownerID() + rest }
}

// own is the row of what is one's own, or nobody's: states do not matter.
func own(p string, outcome string) row {
	return row{path: fixedPath(p), expect: reaches(outcome), once: true}
}

// send is own with a body.
func send(p, body, outcome string) row {
	return row{path: fixedPath(p), body: jsonBody(body), expect: reaches(outcome), once: true}
}

// admins is the outcome for admins; others may not.
func admins(outcome string) func(cell) string {
	return func(x cell) string {
		if x.viewer != "admin" {
			return forbidden
		}
		return outcome
	}
}

// firstRows are the rows of API v1 and of everything that was there before the rows were split by what they are about.
func firstRows() map[string]row {
	file := func(x cell) any { return []byte("not a picture") }
	const unsupported = "APIUnsupportedMediaError"
	return map[string]row{
		"GET /v1/site":                            own("/v1/site", ok),
		"POST /v1/users":                          send("/v1/users", `{}`, invalid),
		"POST /v1/session":                        send("/v1/session", `{"cookie":"yes"}`, invalid),
		"DELETE /v1/session":                      {path: fixedPath("/v1/session"), expect: reaches(ok), fresh: true, once: true},
		"GET /v1/sessions":                        own("/v1/sessions", ok),
		"DELETE /v1/sessions":                     {path: fixedPath("/v1/sessions"), expect: reaches(ok), fresh: true, once: true},
		"DELETE /v1/sessions/{id}":                own("/v1/sessions/none", notFound),
		"GET /v1/users/self":                      own("/v1/users/self", ok),
		"PATCH /v1/users/self":                    send("/v1/users/self", `{}`, ok),
		"POST /v1/users/self/password":            send("/v1/users/self/password", `{"new":"x"}`, invalid),
		"GET /v1/users/self/two-factor":           own("/v1/users/self/two-factor", ok),
		"POST /v1/users/self/two-factor":          send("/v1/users/self/two-factor", `{"password":"x"}`, invalid),
		"POST /v1/users/self/two-factor/confirm":  send("/v1/users/self/two-factor/confirm", `{"code":"1"}`, "APIConflictError"),
		"POST /v1/users/self/two-factor/recovery": send("/v1/users/self/two-factor/recovery", `{"password":"x"}`, invalid),
		"POST /v1/users/self/two-factor/off":      send("/v1/users/self/two-factor/off", `{"password":"x"}`, invalid),
		"PUT /v1/users/self/avatar":               {path: fixedPath("/v1/users/self/avatar"), body: file, expect: reaches(unsupported), once: true},
		"DELETE /v1/users/self/avatar":            own("/v1/users/self/avatar", ok),
		"GET /v1/users/self/feed":                 own("/v1/users/self/feed", ok),
		"GET /v1/users/self/media/liked":          own("/v1/users/self/media/liked", ok),
		"GET /v1/users/self/requested-by":         own("/v1/users/self/requested-by", ok),
		"GET /v1/users/self/activity":             own("/v1/users/self/activity", ok),
		"POST /v1/users/self/activity/seen":       send("/v1/users/self/activity/seen", `{}`, ok),
		"GET /v1/users/search":                    own("/v1/users/search?q=ow", ok),
		"GET /v1/users/suggested":                 own("/v1/users/suggested", ok),
		"DELETE /v1/users/suggested/{id}":         own("/v1/users/suggested/1", notFound),
		"PUT /v1/users/suggested/{id}":            own("/v1/users/suggested/1", notFound),
		"GET /v1/users/by-username/{username}":    {path: func(x cell) string { return "/v1/users/by-username/" + x.owner().Username }, expect: cell.profile},
		"GET /v1/users/{id}":                      {path: onUser(""), expect: cell.profile},
		"GET /v1/users/{id}/media/recent":         {path: onUser("/media/recent"), expect: cell.lists},
		"GET /v1/users/{id}/follows":              {path: onUser("/follows"), expect: cell.lists},
		"GET /v1/users/{id}/followed-by":          {path: onUser("/followed-by"), expect: cell.lists},
		"GET /v1/users/{id}/relationship":         {path: onUser("/relationship"), expect: cell.profile},
		"POST /v1/users/{id}/relationship": {path: onUser("/relationship"), body: jsonBody(url.Values{"action": {"remove_follower"}}), expect: func(x cell) string {
			if x.viewer == "owner" {
				return invalid
			}
			return x.profile()
		}},
		"POST /v1/uploads":                 {path: fixedPath("/v1/uploads"), body: file, expect: reaches(unsupported), once: true},
		"GET /v1/uploads/{id}":             own("/v1/uploads/1", notFound),
		"GET /v1/uploads/{id}/preview.jpg": own("/v1/uploads/1/preview.jpg", "404"),
		"DELETE /v1/uploads/{id}":          own("/v1/uploads/1", notFound),
		"POST /v1/media":                   send("/v1/media", `{"uploads":[]}`, invalid),
		"GET /v1/media/{id}":               {path: onPost(""), expect: cell.view},
		"GET /v1/media/shortcode/{code}":   {path: func(x cell) string { return "/v1/media/shortcode/" + x.post().Shortcode }, expect: cell.view},
		"PATCH /v1/media/{id}":             {path: onPost(""), body: jsonBody(`{}`), expect: cell.owned},
		"DELETE /v1/media/{id}":            {path: func(x cell) string { return "/v1/media/" + x.throwaway() }, expect: cell.owned},
		"GET /v1/media/{id}/original":      {path: onPost("/original"), expect: cell.owned},
		"GET /v1/media/{id}/comments":      {path: onPost("/comments"), expect: cell.view},
		"POST /v1/media/{id}/comments":     {path: onPost("/comments"), body: jsonBody(url.Values{"text": {"hello"}}), expect: cell.view},
		"DELETE /v1/media/{id}/comments/{cid}": {path: func(x cell) string { return "/v1/media/" + x.post().ID + "/comments/" + x.m.remark(x) }, expect: func(x cell) string {
			if x.viewer == "follower" && x.state != isDeleted {
				return ok // the comment is the follower's, who may always take it back
			}
			return x.owned()
		}},
		"GET /v1/media/{id}/likes":    {path: onPost("/likes"), expect: cell.view},
		"POST /v1/media/{id}/likes":   {path: onPost("/likes"), expect: cell.view},
		"DELETE /v1/media/{id}/likes": {path: onPost("/likes"), expect: cell.view},

		"GET /v1/locations/search":            own("/v1/locations/search?lat=52.5&lng=13.4", ok),
		"GET /v1/locations/{id}":              own("/v1/locations/2950159", ok),
		"GET /v1/locations/{id}/media/recent": own("/v1/locations/2950159/media/recent", ok),
		"GET /v1/media/search":                own("/v1/media/search?lat=52.5&lng=13.4", ok),
		"GET /v1/media/popular":               own("/v1/media/popular", ok),
		"GET /v1/search/media":                own("/v1/search/media?q=own", ok),
		"GET /v1/users/{id}/map":              {path: onUser("/map"), expect: cell.lists},
		"GET /v1/users/{id}/map/media":        {path: onUser("/map/media"), expect: cell.lists},
		"GET /v1/locations/{id}/map":          own("/v1/locations/2950159/map", ok),
		"GET /v1/map/towns":                   own("/v1/map/towns", ok),
		"GET /v1/tags/search":                 own("/v1/tags/search?q=ow", ok),
		"GET /v1/tags/{name}":                 own("/v1/tags/own", ok),
		"GET /v1/tags/{name}/media/recent":    own("/v1/tags/own/media/recent", ok),
		"GET /v1/tags/{name}/relationship":    own("/v1/tags/own/relationship", ok),
		"POST /v1/tags/{name}/relationship":   send("/v1/tags/own/relationship", `{"action":"follow"}`, ok),
		"GET /v1/users/self/tags":             own("/v1/users/self/tags", ok),
		"GET /v1/admin/site":                  {path: fixedPath("/v1/admin/site"), expect: admins(ok), once: true},
		"PATCH /v1/admin/site":                {path: fixedPath("/v1/admin/site"), body: jsonBody(`{}`), expect: admins(ok), once: true},
		"GET /v1/admin/invites":               {path: fixedPath("/v1/admin/invites"), expect: admins(ok), once: true},
		"POST /v1/admin/invites":              {path: fixedPath("/v1/admin/invites"), body: jsonBody(`{}`), expect: admins(ok), once: true},
		"DELETE /v1/admin/invites/{code}":     {path: fixedPath("/v1/admin/invites/none"), expect: admins(notFound), once: true},
		"GET /v1/admin/jobs":                  {path: fixedPath("/v1/admin/jobs"), expect: admins(ok), once: true},
		"POST /v1/admin/jobs/{db}/{id}/retry": {path: fixedPath("/v1/admin/jobs/main/1/retry"), expect: admins(notFound), once: true},
		"GET /v1/admin/knobs":                 {path: fixedPath("/v1/admin/knobs"), expect: admins(ok), once: true},
		"PATCH /v1/admin/knobs":               {path: fixedPath("/v1/admin/knobs"), body: jsonBody(`{}`), expect: admins(ok), once: true},
		"GET /v1/admin/knobs/history":         {path: fixedPath("/v1/admin/knobs/history"), expect: admins(ok), once: true},
		"GET /v1/apps":                        own("/v1/apps", ok),
		"POST /v1/apps":                       send("/v1/apps", `{}`, invalid),
		"GET /v1/apps/{id}":                   own("/v1/apps/1", notFound),
		"PATCH /v1/apps/{id}":                 send("/v1/apps/1", `{}`, notFound),
		"POST /v1/apps/{id}/secret":           send("/v1/apps/1/secret", `{}`, notFound),
		"GET /v1/apps/{id}/usage":             own("/v1/apps/1/usage", notFound),
		"GET /v1/admin/apps":                  {path: fixedPath("/v1/admin/apps"), expect: admins(ok), once: true},
		"PATCH /v1/admin/apps/{id}":           {path: fixedPath("/v1/admin/apps/1"), body: jsonBody(`{}`), expect: admins(notFound), once: true},
		"DELETE /v1/apps/{id}":                own("/v1/apps/1", notFound),
		"GET /v1/grants":                      own("/v1/grants", ok),
		"DELETE /v1/grants/{app}":             own("/v1/grants/2", notFound),
		"GET /oauth/authorize":                own("/oauth/authorize?client_id=none", invalid),
		"POST /oauth/authorize":               send("/oauth/authorize", `{"client_id":"none","allow":true}`, invalid),
		"POST /oauth/access_token":            {path: fixedPath("/oauth/access_token"), body: jsonBody(url.Values{"code": {"x"}}), expect: reaches("OAuthException"), once: true},
		"POST /oauth/revoke":                  {path: fixedPath("/oauth/revoke"), body: jsonBody(url.Values{"token": {"x"}}), expect: reaches("OAuthException"), once: true},
		"GET /v1/events":                      {path: fixedPath("/v1/events"), expect: reaches(ok), once: true},
		"GET /m/{shortcode}/{key}/{size}.jpg": {path: func(x cell) string { return pathOf(x.post().Renditions[1].URL) }, expect: cell.bytes},
		"GET /avatars/{id}/{key}/{size}.jpg":  own("/avatars/1/AAAAAAAAAAAAAAAAAAAAAA/150.jpg", "404"),
		// Apps show who they are by their secret; nobody else's credential counts.
		"GET /v1/subscriptions":                          own("/v1/subscriptions", missing),
		"POST /v1/subscriptions":                         {path: fixedPath("/v1/subscriptions"), body: jsonBody(url.Values{"object": {"user"}}), expect: reaches(missing), once: true},
		"DELETE /v1/subscriptions":                       own("/v1/subscriptions?object=all", missing),
		"GET /v1/geographies/{id}/media/recent":          own("/v1/geographies/1/media/recent", notFound), // it is an app's own
		"GET /v1/apps/{id}/callbacks":                    own("/v1/apps/1/callbacks", notFound),
		"POST /v1/apps/{id}/callbacks/{callback}/resume": own("/v1/apps/1/callbacks/1/resume", notFound),
		// What is for other sites shows what everybody may see, whoever asks.
		"GET /oembed":    {path: embedOf("/oembed"), expect: cell.embeddable},
		"GET /v1/oembed": {path: embedOf("/v1/oembed"), expect: cell.embeddable},
		"GET /avatars/default/{hue}/{letter}.svg": own("/avatars/default/15/41.svg", ok),
	}
}
