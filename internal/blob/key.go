package blob

import "github.com/tintype/tintype/internal/tintype"

// MaxKey is the longest key, in bytes.
const MaxKey = 200

// CheckKey is the check that every Store makes of a key first; see [Store].
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return badKey
	}
	return checkChars(key, true)
}

// CheckPrefix is CheckKey for the argument of List: it may be empty and end anywhere.
func CheckPrefix(prefix string) error {
	if len(prefix) > MaxKey {
		return badKey
	}
	return checkChars(prefix, false)
}

// checkChars checks characters and segments; a prefix's last segment may be empty or incomplete.
func checkChars(key string, whole bool) error {
	start := 0
	for i := 0; i <= len(key); i++ {
		if i == len(key) || key[i] == '/' {
			last := i == len(key)
			switch key[start:i] {
			case "":
				if whole || !last {
					return badKey
				}
			case ".", "..":
				return badKey
			}
			start = i + 1
			continue
		}
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.':
		default:
			return badKey
		}
	}
	return nil
}

var badKey = &tintype.Error{Kind: tintype.Invalid, Msg: "that is not the name of a file"}
