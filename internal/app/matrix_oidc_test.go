package app_test

// oidcRows are the rows of signing in by OpenID providers, of which the matrix's site has none.
func oidcRows() map[string]row {
	return map[string]row{
		"POST /v1/session/provider":                   send("/v1/session/provider", `{"provider":"x"}`, notFound),
		"POST /v1/session/provider/answer":            send("/v1/session/provider/answer", `{"state":"x","code":"x"}`, invalid),
		"POST /v1/session/provider/code":              send("/v1/session/provider/code", `{"ticket":"x","code":"x"}`, invalid),
		"POST /v1/session/provider/join":              send("/v1/session/provider/join", `{"ticket":"x","username":"x"}`, invalid),
		"GET /v1/users/self/identities":               own("/v1/users/self/identities", ok),
		"POST /v1/users/self/identities":              send("/v1/users/self/identities", `{"provider":"x","password":"x"}`, notFound),
		"POST /v1/users/self/identities/{key}/remove": send("/v1/users/self/identities/x/remove", `{"password":"x"}`, notFound),
	}
}
