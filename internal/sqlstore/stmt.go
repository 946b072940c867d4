package sqlstore

import (
	"strings"
)

// Stmt is a named statement in portable SQL. Beyond $n, its text may hold
//
//	{s}         the schema prefix of the home it runs on ("" or "s0042.")
//	{in $n}     IN over a list of IDs bound as one argument ([]tintype.ID)
//	{each $n}   a table e(value) of such a list, for FROM
//
// Keep statements in package-level variables: a DB caches their prepared form by address.
type Stmt struct {
	Name string
	SQL  string
}

// expand gives the text for one dialect and one schema prefix.
func (s *Stmt) expand(d *Dialect, schema string) string {
	text := s.SQL
	if o, ok := d.Overrides[s.Name]; ok {
		text = o
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		j := strings.IndexByte(text[i:], '}')
		if j < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		token := text[i+1 : i+j]
		text = text[i+j+1:]
		op, arg, _ := strings.Cut(token, " ")
		switch op {
		case "s":
			b.WriteString(schema)
		case "in":
			b.WriteString(strings.ReplaceAll(d.In, "$", arg))
		case "each":
			b.WriteString(strings.ReplaceAll(d.Each, "$", arg))
		default:
			b.WriteString("{" + token + "}")
		}
	}
}
