package app_test

// activityRows are the rows of people in pictures, of activity and of what one chooses to hear of.
func activityRows() map[string]row {
	return map[string]row{
		"GET /v1/users/self/activity/grouped":   own("/v1/users/self/activity/grouped", ok),
		"GET /v1/users/self/activity/following": own("/v1/users/self/activity/following", ok),
		"GET /v1/users/self/activity/unread":    own("/v1/users/self/activity/unread", ok),
		"GET /v1/users/self/choices":            own("/v1/users/self/choices", ok),
		"PATCH /v1/users/self/choices":          send("/v1/users/self/choices", `{"tags_from":"friends"}`, invalid),
		"GET /v1/users/self/media/tag-requests": own("/v1/users/self/media/tag-requests", ok),
		"GET /v1/users/{id}/media/tagged":       {path: onUser("/media/tagged"), expect: cell.lists},
		"GET /v1/media/{id}/people":             {path: onPost("/people"), expect: cell.view},
		// Nobody here is tagged. Who may not see the post is told no more than that; taking oneself out asks only whether one is in.
		"PUT /v1/media/{id}/people/self": {path: onPost("/people/self"), expect: func(x cell) string {
			if v := x.view(); v != ok {
				return v
			}
			return notFound
		}},
		"DELETE /v1/media/{id}/people/self": {path: onPost("/people/self"), expect: reaches(notFound)},
	}
}
