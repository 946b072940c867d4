package sqlstore

import (
	"fmt"
	"strconv"
	"strings"
)

// Stmt is a named statement in portable SQL. Beyond $n, its text may hold
//
//	{s}         the schema prefix of the home it runs on ("" or "s0042.")
//	{in $n}     IN over a list of IDs bound as one argument ([]tintype.ID)
//	{each $n}   a table e(value) of such a list, for FROM
//	{rows $n a,b,c}  a table e(a, b, c) of BIGINTs bound as one argument (Rows), for FROM;
//	            a column "a text" is of text, and then the argument is the JSON of an array of arrays
//	{mint x}    a new ID of the home's shard where the engine mints them, else x: an ID that was minted before
//	{lock}      at the end of a SELECT: nobody else may write these rows until we commit
//
// SQLite needs WHERE true between such a FROM and ON CONFLICT, and CROSS JOIN
// to begin with the list.
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
		case "rows":
			param, columns, _ := strings.Cut(arg, " ")
			b.WriteString("(SELECT ")
			for i, c := range strings.Split(columns, ",") {
				if i > 0 {
					b.WriteString(", ")
				}
				cell := d.Cell
				c, text := strings.CutSuffix(strings.TrimSpace(c), " text")
				if text {
					cell = "value ->> %d" // which both engines have
				}
				fmt.Fprintf(&b, cell+" AS %s", i, c)
			}
			b.WriteString(" FROM " + strings.ReplaceAll(d.Rows, "$", param) + ") AS e")
		case "mint":
			if d.Mint == "" {
				b.WriteString(arg)
			} else {
				b.WriteString(strings.ReplaceAll(d.Mint, "{s}", schema))
			}
		case "lock":
			b.WriteString(d.Lock)
		default:
			b.WriteString("{" + token + "}")
		}
	}
}

// Rows is a list of rows of whole numbers, all of one length, bound as one argument; see {rows}.
type Rows [][]int64

// text is the rows as JSON, which is how both engines take them.
func (r Rows) text() string {
	b := make([]byte, 0, 2+len(r)*48)
	b = append(b, '[')
	for i, row := range r {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, v := range row {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, v, 10)
		}
		b = append(b, ']')
	}
	return string(append(b, ']'))
}
