package api

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// router finds the route for a path. Literal segments are compared as they
// were sent, so no second spelling ("//", "%61", "/./", other case) of a path
// reaches a route. net/http's mux is not used because it refuses tables with
// both /users/{id}/relationship and /users/by-username/{username}.
type router struct{ root node }

type node struct {
	literal map[string]*node
	param   *node
	suffix  string // of the parameter: ".jpg" in "{size}.jpg"
	name    string // of the parameter
	methods map[string]*Route
	allow   string
}

const maxParams = 3

// params are the values of a pattern's parameters, in order.
type params struct {
	names, values [maxParams]string
	n             int
}

func (p *params) get(name string) string {
	for i := range p.n {
		if p.names[i] == name {
			return p.values[i]
		}
	}
	return ""
}

func newRouter(routes []Route) *router {
	rt := &router{}
	for i := range routes {
		n := &rt.root
		for s := range strings.SplitSeq(routes[i].Pattern[1:], "/") {
			n = n.child(s)
		}
		if n.methods == nil {
			n.methods = map[string]*Route{}
		}
		if n.methods[routes[i].Method] != nil {
			panic("api: two routes for " + routes[i].Method + " " + routes[i].Pattern)
		}
		n.methods[routes[i].Method] = &routes[i]
		if n.allow != "" {
			n.allow += ", "
		}
		n.allow += routes[i].Method
		if routes[i].Method == http.MethodGet {
			n.allow += ", HEAD"
		}
	}
	return rt
}

func (n *node) child(segment string) *node {
	if !strings.HasPrefix(segment, "{") {
		if n.literal == nil {
			n.literal = map[string]*node{}
		}
		if n.literal[segment] == nil {
			n.literal[segment] = &node{}
		}
		return n.literal[segment]
	}
	name, suffix, _ := strings.Cut(segment[1:], "}")
	if n.param == nil {
		n.param = &node{name: name, suffix: suffix}
	}
	if n.param.name != name || n.param.suffix != suffix {
		panic("api: two names for one segment: " + n.param.name + " and " + name)
	}
	return n.param
}

// find gives the node for an escaped path, or nil. A trailing slash, and the
// suffix .json that libraries of API v1 send, are let pass under /v1/.
func (rt *router) find(path string, p *params) *node {
	if path == "" || path[0] != '/' {
		return nil
	}
	path = path[1:]
	if strings.HasPrefix(path, "v1/") || strings.HasPrefix(path, "oauth/") || path == "oembed/" {
		path = strings.TrimSuffix(path, "/")
		if bare, ok := strings.CutSuffix(path, ".json"); ok {
			// A user may be called "a.json": there the suffix is part of the name.
			if n := rt.root.walk(bare, p); n != nil && n.name != "username" {
				return n
			}
			p.n = 0
		}
	}
	return rt.root.walk(path, p)
}

func (n *node) walk(path string, p *params) *node {
	segment, rest, more := strings.Cut(path, "/")
	if next := n.literal[segment]; next != nil {
		if !more {
			if next.methods != nil {
				return next
			}
		} else if found := next.walk(rest, p); found != nil {
			return found
		}
	}
	next := n.param
	if next == nil {
		return nil
	}
	value, ok := strings.CutSuffix(segment, next.suffix)
	if !ok || value == "" {
		return nil
	}
	if strings.IndexByte(value, '%') >= 0 {
		var err error
		if value, err = url.PathUnescape(value); err != nil || strings.IndexByte(value, '/') >= 0 {
			return nil
		}
	}
	if strings.IndexByte(value, 0) >= 0 || !utf8.ValidString(value) {
		return nil
	}
	at := p.n
	p.names[at], p.values[at] = next.name, value
	p.n++
	if !more {
		if next.methods != nil {
			return next
		}
	} else if found := next.walk(rest, p); found != nil {
		return found
	}
	p.n = at
	return nil
}
