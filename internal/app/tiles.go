package app

import (
	"fmt"
	"net/url"
	"strings"
)

// tiles gives the origin that map tiles come from; nil for none.
func tiles(template, attribution string) (*url.URL, error) {
	if template == "" {
		return nil, nil
	}
	u, err := url.Parse(template)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, "{}") {
		return nil, fmt.Errorf("map_tiles must be an address as https://tiles.example/{z}/{x}/{y}.png, not %q", template)
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(template, part) {
			return nil, fmt.Errorf("map_tiles has no %s", part)
		}
	}
	if attribution == "" {
		return nil, fmt.Errorf("map_tiles needs map_attribution: say whom the tiles are from")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}
