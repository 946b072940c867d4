package letter

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// TestCompose finds every letter in every language whole: nothing left to fill in, the link in text and HTML, everything escaped.
func TestCompose(t *testing.T) {
	t.Parallel()
	v := Values{Site: "Ann & <b>Bob</b>\r\nBcc: all@example.com", SiteURL: "https://photos.example", Name: "ann", Link: "https://photos.example/reset#token=abc",
		Email: "o'hara&co@example.com", At: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Address: "192.0.2.1",
		Agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"}
	if len(english()) != len(chinese()) {
		t.Errorf("%d letters in English, %d in Chinese", len(english()), len(chinese()))
	}
	for kind, w := range english() {
		for _, locale := range []string{"en", "zh-CN", "eo"} {
			v := v
			if w.link == "" {
				v.Link = ""
			}
			l, ok := Compose(kind, locale, v)
			if !ok {
				t.Errorf("there is no %q in %q", kind, locale)
				continue
			}
			if strings.ContainsAny(l.Subject, "\r\n") || l.Subject == "" {
				t.Errorf("%s: the subject %q", kind, l.Subject)
			}
			for _, s := range []string{l.Subject, l.Text, l.HTML} {
				if strings.ContainsAny(s, "{}") {
					t.Errorf("%s in %s has something left to fill in: %s", kind, locale, s)
				}
			}
			if (strings.Count(l.Text, "#token=abc") == 1) != (w.link != "") || (strings.Count(l.HTML, `href="https://photos.example/reset#token=abc"`) == 1) != (w.link != "") {
				t.Errorf("%s in %s: the link: %s\n%s", kind, locale, l.Text, l.HTML)
			}
			for _, tag := range tagsOf(t, l.HTML) {
				switch tag {
				case "html", "head", "meta", "title", "body", "p", "a":
				default:
					t.Errorf("%s in %s: the HTML has <%s>", kind, locale, tag)
				}
			}
		}
	}
	if l, _ := Compose("device", "en", v); !strings.Contains(l.Text, "2030-01-02 03:04 UTC, Chrome (Linux), 192.0.2.1") {
		t.Errorf("where: %s", l.Text)
	}
	if _, ok := Compose("nothing", "en", v); ok {
		t.Error("there is a letter called nothing")
	}
}

func tagsOf(t *testing.T, text string) (tags []string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tags
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tags = append(tags, string(name))
		}
	}
}
