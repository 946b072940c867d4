// Package webapp serves the built web app: its files, with cache headers and
// compression; the one page of it under every address the app knows; and, for
// posts and profiles, that page with a title, tags for link previews, and a
// body that can be read without scripts.
//
// Unknown addresses, and posts and people that the viewer may not see, get the
// same page with status 404. It leaves JSON and media bytes to api, and decides
// nothing about who may see what: it asks post and graph, as everybody does.
//
// No errors come out but through HTTP: 404, 405, and 503 while a binary without
// a built web app says how to build one.
package webapp
