package app_test

// moderators is the outcome for moderators and admins; others may not.
func moderators(outcome string) func(cell) string {
	return func(x cell) string {
		if x.viewer != "admin" && x.viewer != "moderator" {
			return forbidden
		}
		return outcome
	}
}

// moderateRows are the rows of reports and of what comes of them.
func moderateRows() map[string]row {
	admin := func(path, body, outcome string) row {
		r := row{path: fixedPath(path), expect: admins(outcome), once: true}
		if body != "" {
			r.body = jsonBody(body)
		}
		return r
	}
	moderator := func(path, body, outcome string) row {
		r := admin(path, body, outcome)
		r.expect = moderators(outcome)
		return r
	}
	reported := func(x cell) any {
		return `{"kind":"post","id":"` + x.m.postID(x.state).String() + `","reason":"spam"}`
	}
	return map[string]row{
		// Only what one may see can be reported, and not one's own.
		"POST /v1/reports": {path: fixedPath("/v1/reports"), body: reported, expect: func(x cell) string {
			if v := x.view(); v != ok {
				return v
			}
			if x.viewer == "owner" {
				return invalid
			}
			return ok
		}},
		"GET /v1/reports":                          own("/v1/reports", ok),
		"GET /v1/users/self/notices":               own("/v1/users/self/notices", ok),
		"POST /v1/users/self/notices/{id}/appeal":  send("/v1/users/self/notices/1/appeal", `{"words":"x"}`, notFound),
		"POST /v1/suspension":                      send("/v1/suspension", `{"ticket":"x"}`, unknown),
		"POST /v1/suspension/appeal":               send("/v1/suspension/appeal", `{"ticket":"x","id":"1","words":"x"}`, unknown),
		"GET /v1/admin/reports":                    moderator("/v1/admin/reports", "", ok),
		"GET /v1/admin/reports/{id}":               moderator("/v1/admin/reports/1", "", notFound),
		"GET /v1/admin/reports/{id}/reports":       moderator("/v1/admin/reports/1/reports", "", ok),
		"GET /v1/admin/reports/{id}/media/{n}.jpg": moderator("/v1/admin/reports/1/media/0.jpg", "", "404"),
		"POST /v1/admin/reports/{id}/claim":        moderator("/v1/admin/reports/1/claim", `{}`, "APIConflictError"),
		"POST /v1/admin/reports/{id}/decide":       moderator("/v1/admin/reports/1/decide", `{"action":"dismiss"}`, notFound),
		"GET /v1/admin/appeals":                    moderator("/v1/admin/appeals", "", ok),
		"POST /v1/admin/appeals/{id}":              moderator("/v1/admin/appeals/1", `{"grant":true,"words":"x"}`, notFound),
		"POST /v1/admin/decisions/{id}/reverse":    moderator("/v1/admin/decisions/1/reverse", `{}`, notFound),
		"GET /v1/admin/users":                      admin("/v1/admin/users", "", ok),
		"POST /v1/admin/users/{id}/suspend":        admin("/v1/admin/users/1/suspend", `{"reason":"spam"}`, notFound),
		"POST /v1/admin/users/{id}/lift":           admin("/v1/admin/users/1/lift", `{}`, ok), // nothing held them
		"DELETE /v1/admin/users/{id}/two-factor":   admin("/v1/admin/users/1/two-factor", "", "APIConflictError"),
		"DELETE /v1/admin/users/{id}/sessions":     admin("/v1/admin/users/1/sessions", "", ok),
		"PUT /v1/admin/users/{id}/moderator":       admin("/v1/admin/users/1/moderator", "", notFound),
		"DELETE /v1/admin/users/{id}/moderator":    admin("/v1/admin/users/1/moderator", "", notFound),
		"GET /v1/admin/audit":                      admin("/v1/admin/audit", "", ok),
	}
}
