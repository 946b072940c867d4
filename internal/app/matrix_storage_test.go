package app_test

// storageRows are of what happens to photos, and of the room that files take.
func storageRows() map[string]row {
	return map[string]row{
		"GET /v1/site/pictures":    own("/v1/site/pictures", ok),
		"GET /v1/media/{id}/files": {path: onPost("/files"), expect: cell.owned},
	}
}
