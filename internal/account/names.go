package account

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/tintype"
)

// MaxUsername is the longest username, in characters.
const MaxUsername = 30

// Username gives the one form in which a username is kept and compared:
// normalised (NFKC) and case-folded, so that full-width and capital letters
// mean their plain forms. What is left must be 1 to 30 of a-z, 0-9, '_' and
// '.', not digits and dots alone, with no dot first, last or twice in a row.
//
// Letters beyond ASCII are refused, not mapped: a name must be typable on any
// keyboard, and cannot then be spelled with another script's look-alikes.
func Username(s string) (string, error) {
	if len(s) > 8*MaxUsername || !utf8.ValidString(s) {
		return "", badUsername("a username has at most %d characters", MaxUsername)
	}
	name := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	if name == "" {
		return "", badUsername("please choose a username")
	}
	if utf8.RuneCountInString(name) > MaxUsername {
		return "", badUsername("a username has at most %d characters", MaxUsername)
	}
	plain := true
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z' || r == '_':
			plain = false
		case '0' <= r && r <= '9' || r == '.':
		case r >= utf8.RuneSelf:
			return "", badUsername("a username is made of the letters a to z, digits, '_' and '.'; letters of other alphabets fit in the full name")
		default:
			return "", badUsername("a username is made of the letters a to z, digits, '_' and '.', without spaces")
		}
	}
	switch {
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, "."):
		return "", badUsername("a username does not begin or end with a dot")
	case strings.Contains(name, ".."):
		return "", badUsername("a username does not have two dots in a row")
	case plain:
		return "", badUsername("a username has at least one letter or '_'")
	}
	return name, nil
}

// newUsername is Username for one that is to be given to somebody.
func newUsername(s string) (name, skel string, err error) {
	if name, err = Username(s); err != nil {
		return "", "", err
	}
	skel = Skeleton(name)
	if reserved[skel] {
		return "", "", &tintype.Error{Kind: tintype.Conflict, Field: "username", Msg: "that username is kept for the site itself; please choose another"}
	}
	return name, skel, nil
}

func badUsername(format string, args ...any) error {
	return tintype.FieldError("username", format, args...)
}

// Skeleton reduces a username (as Username gives it) to what it looks like:
// two names with the same skeleton are told apart by nobody, so only one of
// them is given away. It is the skeleton of Unicode Technical Standard #39,
// section 4, whose data file confusables.txt has these lines for our alphabet:
//
//	0030 ; 004F        ( 0 → O )
//	0031 ; 006C        ( 1 → l )
//	0049 ; 006C        ( I → l )
//	006D ; 0072 006E   ( m → rn )
//
// Because usernames have no case, O is taken for o and I for i. One pair is
// added that the file does not have: vv looks like w in nearly every face.
func Skeleton(username string) string { return confusables.Replace(username) }

var confusables = strings.NewReplacer("0", "o", "1", "l", "i", "l", "m", "rn", "w", "vv")

// reserved are the skeletons of names that are, or may become, paths of the
// site, or that would pass for the site itself.
var reserved = skeletons(`
	about account accounts activity admin administrator ads api app apps archive assets auth authorize avatars blog
	contact dashboard default delete developer developers directory discover docs download edit embed error event events
	everyone explore export favicon.ico feed feeds followers following graphql guest health healthz help home import index
	index.html info invite invites jobs js css images img legal licence license likes live locations login logout m mail
	manifest.json manifest.webmanifest me media metrics moderator nearby new news nobody notifications null oauth official
	oembed p page people photo photos places popular post posts press privacy profile profiles public robots.txt root
	rss saved search security self service.worker.js session sessions settings share sign-in signin signout signup
	site sitemap.xml static status stories story subscriptions support sw.js sysadmin system tag tags terms tintype
	tos undefined upload uploads user users v1 v2 v3 webhooks webmaster well-known well.known welcome www`)

func skeletons(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[Skeleton(w)] = true
	}
	return m
}
