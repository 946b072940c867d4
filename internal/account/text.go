package account

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/tintype"
)

// The longest texts of a profile. Names and bios are counted as people count:
// marks on a letter, joiners and variants of an emoji do not count.
const (
	MaxFullName = 64
	MaxBio      = 300
	MaxWebsite  = 200 // bytes
	MaxEmail    = 254 // bytes
)

// FullName gives the form in which a full name is kept: normalised (NFC), with
// single spaces. Characters that are not to be seen, or that turn the reading
// direction of what follows, are refused.
func FullName(s string) (string, error) {
	return oneLine("full_name", "a name", s, MaxFullName)
}

// Bio gives the form in which a bio is kept; it may have line breaks.
func Bio(s string) (string, error) {
	return Text("bio", "a bio", s, MaxBio, true)
}

// Text brings what somebody wrote to the form in which it is kept: NFC, no space around it, and where lines is false one line.
// Invalid, about field, if it has more than most characters or invisible ones; what names it for people ("a title").
func Text(field, what, s string, most int, lines bool) (string, error) {
	if !lines {
		return oneLine(field, what, s, most)
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s, err := cleanText(field, what, s, most, true)
	return strings.TrimSpace(s), err
}

func oneLine(field, what, s string, most int) (string, error) {
	s, err := cleanText(field, what, s, most, false)
	return strings.Join(strings.Fields(s), " "), err
}

func cleanText(field, what, s string, most int, lines bool) (string, error) {
	tooLong := tintype.FieldError(field, "%s has at most %d characters", what, most)
	if len(s) > 64*most {
		return "", tooLong
	}
	if !utf8.ValidString(s) {
		return "", tintype.FieldError(field, "%s must be valid UTF-8 text", what)
	}
	s = norm.NFC.String(s)
	count, runes := 0, 0
	for _, r := range s {
		runes++
		switch {
		case r == '\n' && lines:
			count++
		case r == '\n' || r == '\t':
			return "", tintype.FieldError(field, "%s has no line breaks or tabs", what)
		case r == '\u200c' || r == '\u200d' || unicode.Is(unicode.M, r) || unicode.Is(unicode.Variation_Selector, r) || 0x1F3FB <= r && r <= 0x1F3FF:
			// Joiners, marks and skin tones belong to the character before.
		case 0xE0020 <= r && r <= 0xE007F: // the tags that spell regional flags
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r),
			unicode.Is(unicode.Noncharacter_Code_Point, r):
			return "", tintype.FieldError(field, "%s cannot have invisible characters such as U+%04X", what, r)
		default:
			count++
		}
	}
	// Three code points a character on average leave room for any script and
	// family emoji, and none for towers of accents.
	if count > most || runes > 3*most {
		return "", tooLong
	}
	return s, nil
}

// Website gives the form in which a website is kept: an http or https URL, ""
// for none. https is added where the scheme was left out.
func Website(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	bad := tintype.FieldError("website", "a website is a web address such as https://example.com")
	if len(s) > MaxWebsite {
		return "", tintype.FieldError("website", "a website's address has at most %d characters", MaxWebsite)
	}
	if !printable(s) || strings.ContainsAny(s, "\"<>\\^`{|} ") {
		return "", bad
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" ||
		!hostName(u.Hostname()) || !goodPort(u) {
		return "", bad
	}
	return u.String(), nil
}

// hostName reports whether h is a name in the DNS, with at least two labels
// (IDNs in their xn-- form).
func hostName(h string) bool {
	if len(h) > 253 || !strings.Contains(h, ".") {
		return false
	}
	labels := strings.Split(strings.ToLower(h), ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			if c := l[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
				return false
			}
		}
	}
	top := labels[len(labels)-1]
	return top[0] < '0' || top[0] > '9' // no IP addresses
}

// Email checks an e-mail address and gives the form to write to and the key
// under which it is unique; both "" for none.
func Email(s string) (address, key string, err error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", "", nil
	}
	bad := tintype.FieldError("email", "an e-mail address looks like name@example.com")
	if len(s) > MaxEmail {
		return "", "", tintype.FieldError("email", "an e-mail address has at most %d characters", MaxEmail)
	}
	if !utf8.ValidString(s) {
		return "", "", bad
	}
	s = norm.NFC.String(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || !hostName(s[at+1:]) {
		return "", "", bad
	}
	local := s[:at]
	for _, r := range local {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r):
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)):
		default:
			return "", "", bad
		}
	}
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", "", bad
	}
	return s, foldKey(s), nil
}

// foldKey is s without what does not tell people's names apart: case and compatibility forms.
func foldKey(s string) string { return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s))) }

// Locale checks a language tag such as "en" or "zh-CN".
func Locale(s string) (string, error) {
	if s == "" {
		return "en", nil
	}
	parts := strings.Split(s, "-")
	ok := len(s) <= 35 && len(parts[0]) >= 2 && len(parts[0]) <= 3
	for _, p := range parts {
		ok = ok && len(p) >= 1 && len(p) <= 8
		for i := range len(p) {
			c := p[i] | 0x20
			ok = ok && ('a' <= c && c <= 'z' || '0' <= p[i] && p[i] <= '9')
		}
	}
	if !ok {
		return "", tintype.FieldError("locale", "a language is named by a tag such as en or zh-CN")
	}
	return s, nil
}

// printable reports whether s is ASCII that can be seen, or spaces.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
