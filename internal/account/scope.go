package account

import (
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// scopeNames are the scopes that apps can be given, in the order in which they are written.
var scopeNames = []struct {
	name  string
	scope tintype.Scope
}{
	{"basic", tintype.ScopeBasic},
	{"likes", tintype.ScopeLikes},
	{"comments", tintype.ScopeComments},
	{"relationships", tintype.ScopeRelationships},
	{"media", tintype.ScopeMedia},
}

// appScopes are all scopes that apps can be given.
const appScopes = tintype.ScopeBasic | tintype.ScopeLikes | tintype.ScopeComments | tintype.ScopeRelationships | tintype.ScopeMedia

// ParseScopes reads scopes separated by spaces or, as clients of the original
// write them, by '+' or commas. Basic is always among them. A scope that is not known is
// an error, never left out in silence: what a person agrees to must be what was asked.
func ParseScopes(s string) (tintype.Scope, error) {
	if len(s) > 200 {
		return 0, tintype.FieldError("scope", "that is too long a list of scopes")
	}
	scopes := tintype.ScopeBasic
next:
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '+' || r == ',' }) {
		for _, n := range scopeNames {
			if n.name == word {
				scopes |= n.scope
				continue next
			}
		}
		return 0, tintype.FieldError("scope", "there is no scope %q; scopes are basic, likes, comments, relationships and media", shorten(word, 40))
	}
	return scopes, nil
}

// ScopeNames lists scopes by name, as ParseScopes reads them.
func ScopeNames(s tintype.Scope) []string {
	out := []string{}
	for _, n := range scopeNames {
		if s&n.scope != 0 {
			out = append(out, n.name)
		}
	}
	return out
}
