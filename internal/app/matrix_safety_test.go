package app_test

// safetyRows are the rows of what users set against others, and of comments that wait.
func safetyRows() map[string]row {
	return map[string]row{
		"GET /v1/users/self/safety":        own("/v1/users/self/safety", ok),
		"PATCH /v1/users/self/safety":      send("/v1/users/self/safety", `{"commenters":"everybody"}`, invalid),
		"GET /v1/users/self/muted":         own("/v1/users/self/muted", ok),
		"GET /v1/users/self/restricted":    own("/v1/users/self/restricted", ok),
		"GET /v1/users/self/held-comments": own("/v1/users/self/held-comments", ok),
		"GET /v1/media/{id}/held-comments": {path: onPost("/held-comments"), expect: cell.owned},
		"POST /v1/media/{id}/held-comments/{cid}/approve": {path: onPost("/held-comments/1/approve"), body: jsonBody(`{}`), expect: func(x cell) string {
			if out := x.owned(); out != ok {
				return out
			}
			return notFound // the post is the caller's, and no such comment waits
		}},
	}
}
