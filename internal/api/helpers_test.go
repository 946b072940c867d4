package api

import (
	"net/url"
	"strings"
	"testing"
)

func mustQuery(t *testing.T, s string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(strings.TrimPrefix(s, "?"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
