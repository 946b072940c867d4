// Package web holds the built web app, compiled into the binary.
//
// It gives the files that `npm run build` leaves in dist, and nothing else:
// headers, caching and fallbacks are webapp's. A binary built without that step
// holds an empty app (only .gitkeep), which webapp must say in words. No
// errors come out of this package but those of [fs.FS].
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the built app with index.html at its root.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid constant path
	}
	return sub
}
