package app_test

// storageRows are of what happens to photos, and of the room that files take.
func storageRows() map[string]row {
	return map[string]row{
		"GET /v1/admin/storage":      {path: fixedPath("/v1/admin/storage"), expect: admins(ok), once: true},
		"GET /v1/users/self/storage": own("/v1/users/self/storage", ok),
		"GET /v1/site/pictures":      own("/v1/site/pictures", ok),
		"GET /v1/media/{id}/files":   {path: onPost("/files"), expect: cell.owned},
	}
}
