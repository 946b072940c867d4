package app_test

// mailRows are the rows of e-mail addresses, and of links that were sent to them.
func mailRows() map[string]row {
	return map[string]row{
		"GET /v1/users/self/email":                  own("/v1/users/self/email", ok),
		"PUT /v1/users/self/email":                  send("/v1/users/self/email", `{"email":"x","password":"x"}`, invalid),
		"POST /v1/users/self/email/verify":          send("/v1/users/self/email/verify", ``, "APIConflictError"),
		"GET /v1/users/self/passkeys":               own("/v1/users/self/passkeys", ok),
		"POST /v1/users/self/passkeys":              send("/v1/users/self/passkeys", `{"challenge":"x","response":{},"name":"x"}`, invalid),
		"POST /v1/users/self/passkeys/challenge":    send("/v1/users/self/passkeys/challenge", `{"password":"x"}`, invalid),
		"PATCH /v1/users/self/passkeys/{key}":       send("/v1/users/self/passkeys/eHh4", `{"name":"x"}`, notFound),
		"POST /v1/users/self/passkeys/{key}/remove": send("/v1/users/self/passkeys/eHh4/remove", `{"password":"x"}`, invalid),
		"POST /v1/session/passkey":                  send("/v1/session/passkey", `{"login":1}`, invalid),
		"POST /v1/email/confirm":                    send("/v1/email/confirm", `{"token":"x"}`, invalid),
		"POST /v1/email/undo":                       send("/v1/email/undo", `{"token":"x"}`, invalid),
		"POST /v1/password/forgot":                  send("/v1/password/forgot", `{"email":"x"}`, invalid),
		"POST /v1/password/reset":                   send("/v1/password/reset", `{"token":"x","password":"x"}`, invalid),
	}
}
