package archive

import (
	"encoding/json"
	"html"
	"path"
	"regexp"
	"strings"
	"time"
)

// activity is an entry of the outbox of an ActivityPub server: Mastodon's archives, and Pixelfed's outbox.
type activity struct {
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
}

type note struct {
	ID         string             `json:"id"`
	Type       string             `json:"type"`
	Published  time.Time          `json:"published"`
	Summary    *string            `json:"summary"`
	Content    string             `json:"content"`
	To         many[string]       `json:"to"`
	Cc         many[string]       `json:"cc"`
	Attachment many[fediverseDoc] `json:"attachment"`
	Location   *struct {
		Name string `json:"name"`
	} `json:"location"`
}

type fediverseDoc struct {
	MediaType string  `json:"mediaType"`
	URL       string  `json:"url"`
	Name      *string `json:"name"`
}

// readMastodon reads an archive with outbox.json, whose files lie under the paths that it names.
func readMastodon(z *Zip) (*Contents, error) {
	prefix, ok := z.root("outbox.json")
	if !ok {
		return nil, nil
	}
	var outbox struct {
		Items []activity `json:"orderedItems"`
	}
	if err := decode(z.byID[prefix+"outbox.json"], &outbox); err != nil {
		return nil, err
	}
	c := &Contents{Format: Mastodon}
	for _, a := range outbox.Items {
		var n note
		// A boost has an address for its object: it is somebody else's.
		if a.Type != "Create" || json.Unmarshal(a.Object, &n) != nil || n.Type != "Note" && n.Type != "Image" {
			continue
		}
		if len(n.Attachment) == 0 {
			continue // words alone are nothing for a photo site
		}
		it := Item{Key: Mastodon + ":" + digest(n.ID), Section: SectionPosts, Taken: n.Published.UTC(), Caption: plain(n.Content)}
		if !public(n.To) && !public(n.Cc) {
			it.Skip = WhyNotPublic
		}
		if n.Summary != nil && *n.Summary != "" {
			it.Caption = strings.TrimSpace(*n.Summary + "\n\n" + it.Caption)
		}
		if n.Location != nil && n.Location.Name != "" {
			it.Place = &Place{Name: n.Location.Name}
		}
		for _, d := range n.Attachment {
			it.Pictures = append(it.Pictures, z.attached(prefix, d.URL, d.MediaType, d.Name))
		}
		skip := it.Skip
		if it.leave(); skip != "" {
			it.Skip = skip
		}
		c.Items = append(c.Items, it)
	}
	inOrder(c.Items, false)
	return c, nil
}

// attached finds the file of an attachment: archives name it by a path that may begin above the archive, or by an address that ends like a file.
func (z *Zip) attached(prefix, url, mime string, alt *string) Picture {
	url, _, _ = strings.Cut(url, "?")
	p := Picture{File: prefix + strings.TrimPrefix(url, "/")}
	if alt != nil {
		p.Alt = *alt
	}
	if strings.HasPrefix(mime, "video/") || strings.HasPrefix(mime, "audio/") {
		p.File = prefix + "a.mp4" // its name may not say so
		return p
	}
	parts := strings.Split(strings.Trim(url, "/"), "/")
	for i := range parts {
		if name := prefix + strings.Join(parts[i:], "/"); z.byID[name] != nil {
			p.File = name
			return p
		}
	}
	if strings.Contains(url, "://") {
		p.File = prefix + path.Base(url)
	}
	return p
}

// public reports whether everybody is among those whom something was addressed to.
func public(to []string) bool {
	for _, t := range to {
		if t == "https://www.w3.org/ns/activitystreams#Public" || t == "as:Public" || t == "Public" {
			return true
		}
	}
	return false
}

var (
	breaks = regexp.MustCompile(`(?i)<br\s*/?>`)
	ends   = regexp.MustCompile(`(?i)</p>\s*<p[^>]*>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// plain is the text of the HTML of a post: lines and paragraphs, and nothing else of it.
func plain(s string) string {
	s = breaks.ReplaceAllString(s, "\n")
	s = ends.ReplaceAllString(s, "\n\n")
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(s, "")))
}

// status is an entry of pixelfed-statuses.json, which Pixelfed offers under Settings, Data Export.
type status struct {
	ID         string    `json:"id"`
	URL        string    `json:"url"`
	Created    time.Time `json:"created_at"`
	Text       *string   `json:"content_text"`
	Content    string    `json:"content"`
	Visibility string    `json:"visibility"`
	Reblog     any       `json:"reblog"`
	Place      *struct {
		Name string `json:"name"`
	} `json:"place"`
	Media []struct {
		Type        string  `json:"type"`
		URL         string  `json:"url"`
		Description *string `json:"description"`
	} `json:"media_attachments"`
}

// readPixelfed reads pixelfed-statuses.json with the files beside it. Pixelfed itself puts none there: people
// add them, under the names that their addresses end with.
func readPixelfed(z *Zip) (*Contents, error) {
	prefix, ok := z.root("pixelfed-statuses.json")
	if !ok {
		return nil, nil
	}
	c := &Contents{Format: Pixelfed}
	err := each(z.byID[prefix+"pixelfed-statuses.json"], func(s status) error {
		if s.Reblog != nil || len(s.Media) == 0 {
			return nil
		}
		it := Item{Key: Pixelfed + ":" + digest(s.URL+"\x00"+s.ID), Section: SectionPosts, Taken: s.Created.UTC(), Caption: plain(s.Content)}
		if s.Text != nil && *s.Text != "" {
			it.Caption = *s.Text
		}
		if s.Place != nil && s.Place.Name != "" {
			it.Place = &Place{Name: s.Place.Name}
		}
		for _, m := range s.Media {
			mime := ""
			if m.Type == "video" {
				mime = "video/mp4"
			}
			it.Pictures = append(it.Pictures, z.attached(prefix, m.URL, mime, m.Description))
		}
		if it.leave(); s.Visibility == "direct" || s.Visibility == "private" {
			it.Skip = WhyNotPublic
		}
		c.Items = append(c.Items, it)
		return nil
	})
	inOrder(c.Items, true)
	return c, err
}
