package app_test

// audienceRows are the rows of how posts stand among the others, and of close friends.
func audienceRows() map[string]row {
	return map[string]row{
		"PUT /v1/media/{id}/archive": {path: func(x cell) string { return "/v1/media/" + x.throwaway() + "/archive" }, expect: cell.owned},
		// Bringing back is no matter of what there is to bring.
		"DELETE /v1/media/{id}/archive": {path: func(x cell) string { return "/v1/media/" + x.throwaway() + "/archive" }, expect: cell.owned},
		"PUT /v1/media/{id}/pin": {path: func(x cell) string { return "/v1/media/" + x.throwaway() + "/pin" }, expect: func(x cell) string {
			if x.state == isArchived && x.owned() == ok {
				return "APIConflictError" // it is among no posts that it could come before
			}
			return x.owned()
		}},
		"DELETE /v1/media/{id}/pin":         {path: onPost("/pin"), expect: cell.owned},
		"GET /v1/users/self/media/archived": own("/v1/users/self/media/archived", ok),
		"GET /v1/users/self/close-friends":  own("/v1/users/self/close-friends", ok),
		"PUT /v1/users/self/close-friends/{id}": {path: func(x cell) string { return "/v1/users/self/close-friends/" + x.ownerID() }, expect: func(x cell) string {
			switch {
			case x.viewer == "owner":
				return invalid
			case x.profile() == ok && x.viewer == "blocker":
				return private
			}
			return x.profile()
		}},
		// Whoever is on one's list may be taken off it, and nothing is told by trying.
		"DELETE /v1/users/self/close-friends/{id}": {path: func(x cell) string { return "/v1/users/self/close-friends/" + x.ownerID() }, expect: func(x cell) string {
			if x.viewer == "owner" {
				return invalid
			}
			return ok
		}},
	}
}
