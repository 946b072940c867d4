package letter

import (
	"html/template"
	"strings"
	"time"
)

// Values are what a letter speaks of.
type Values struct {
	Site    string    // its name
	SiteURL string    // its address
	Name    string    // the username of whom it is to
	Link    string    // to be followed; "" for none
	Email   string    // an address that the letter speaks of
	At      time.Time // when it happened
	Agent   string    // with what program, as it called itself; "" if nobody knows
	Address string    // from where; "" if nobody knows
}

// Letter is a letter, ready to be sent.
type Letter struct {
	Language string // a tag
	Subject  string
	Text     string
	HTML     string
}

// words are one kind of letter in one language. In its texts {site}, {name}, {email} and {where} stand for values.
type words struct {
	subject string
	before  []string // paragraphs before the link
	link    string   // what the link says; "" for none
	after   []string // and those behind it
}

// page is the HTML of every letter: readable without it, and small.
var page = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.5;color:#222;max-width:36em;margin:0 auto;padding:16px">
{{range .Before}}<p>{{.}}</p>
{{end}}{{if .Link}}<p><a href="{{.Link}}" style="display:inline-block;padding:10px 18px;background:#1d5fa8;color:#fff;border-radius:6px;text-decoration:none">{{.Label}}</a></p>
<p style="font-size:13px;color:#555;word-break:break-all">{{.Link}}</p>
{{end}}{{range .After}}<p>{{.}}</p>
{{end}}<p style="font-size:13px;color:#555">{{.Foot}}</p>
</body></html>
`))

// Compose writes the letter of a kind (as job.Letter names it) in the language of a tag. ok is false for a kind that there is not.
func Compose(kind, locale string, v Values) (l Letter, ok bool) {
	l.Language = language(locale)
	w, ok := kinds(l.Language)[kind]
	if !ok {
		return Letter{}, false
	}
	fill := filler(l.Language, v)
	l.Subject = oneLine(fill(w.subject))
	data := struct {
		Language, Subject, Link, Label, Foot string
		Before, After                        []string
	}{Language: l.Language, Subject: l.Subject, Link: v.Link, Label: w.link, Foot: v.Site + " · " + v.SiteURL}
	text := func(paragraphs []string) (out []string) {
		for _, p := range paragraphs {
			out = append(out, fill(p))
		}
		return out
	}
	data.Before, data.After = text(append([]string{greeting(l.Language)}, w.before...)), text(w.after)
	parts := data.Before
	if v.Link != "" {
		parts = append(parts[:len(parts):len(parts)], w.link+"\n"+v.Link)
	}
	parts = append(parts, data.After...)
	l.Text = strings.Join(parts, "\n\n") + "\n\n-- \n" + oneLine(v.Site) + "\n" + v.SiteURL + "\n"
	var b strings.Builder
	// Writing to memory a template that was parsed, of strings alone, cannot fail.
	_ = page.Execute(&b, data)
	l.HTML = b.String()
	return l, true
}

// language is the one of ours that is nearest to a tag.
func language(locale string) string {
	if first, _, _ := strings.Cut(strings.ToLower(locale), "-"); first == "zh" {
		return "zh"
	}
	return "en"
}

func filler(lang string, v Values) func(string) string {
	r := strings.NewReplacer("{site}", v.Site, "{name}", v.Name, "{email}", v.Email, "{where}", where(lang, v))
	return r.Replace
}

// oneLine keeps a text from ending a header, or a line of a list.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}

// where says when, with what and from where something was done.
func where(lang string, v Values) string {
	parts := []string{v.At.UTC().Format("2006-01-02 15:04") + " UTC"}
	if a := program(v.Agent); a != "" {
		parts = append(parts, a)
	}
	if v.Address != "" {
		parts = append(parts, v.Address)
	}
	if lang == "zh" {
		return strings.Join(parts, "，")
	}
	return strings.Join(parts, ", ")
}

// program says in few words what a User-Agent says in many; what it does not know it leaves as it is, but short.
func program(agent string) string {
	first := func(pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	// The later of these also call themselves by the names of the earlier.
	browser := first("Edg", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "FxiOS/", "Firefox", "Chrome/", "Chrome", "CriOS/", "Chrome", "Safari/", "Safari")
	system := first("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case browser != "" && system != "":
		return browser + " (" + system + ")"
	case browser != "":
		return browser
	}
	agent = oneLine(agent)
	return agent[:min(len(agent), 60)]
}
