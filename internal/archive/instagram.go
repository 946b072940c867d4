package archive

import (
	"encoding/json"
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Instagram's downloads come in forms that were never described. What is read
// here is what people and importers report of them (Pixelfed's issues 2751,
// 4494, 4555 and 5822 among others):
//
//	media.json                                     until about 2020: one object with "photos", "stories", "videos"
//	content/posts_1.json                           since 2021: an array of posts with their "media"
//	your_instagram_activity/content/posts_1.json   since 2023
//	your_instagram_activity/media/posts_1.json     since 2025
//
// beside them archived_posts.json, stories.json and others, whose arrays lie in
// an object under a name such as "ig_stories". The caption of a single photo is
// the title of its media, that of an album the title of the post.

var instagramFiles = regexp.MustCompile(`^(.*?)(your_instagram_activity/)?(content|media)/(posts(?:_\d+)?|archived_posts|stories|other_content|reels|igtv_videos|recently_deleted_content)\.json$`)

func readInstagram(z *Zip) (*Contents, error) {
	c := &Contents{Format: Instagram}
	found := false
	for _, f := range z.files {
		m := instagramFiles.FindStringSubmatch(f.Name)
		if m == nil {
			continue
		}
		found = true
		section := SectionOther
		switch {
		case strings.HasPrefix(m[4], "posts"):
			section = SectionPosts
		case m[4] == "archived_posts":
			section = SectionArchived
		case m[4] == "stories":
			section = SectionStories
		}
		first := len(c.Items)
		if err := readInstagramFile(f, m[1], section, c); err != nil {
			return nil, err
		}
		for i := range c.Items[first:] {
			it := &c.Items[first+i]
			it.Standing.Archived = section == SectionArchived || section == SectionStories
			if m[4] == "recently_deleted_content" {
				it.Skip = WhyDeleted
			}
		}
	}
	if !found {
		prefix, ok := z.root("media.json")
		if !ok {
			return nil, nil
		}
		if err := readOldInstagram(z.byID[prefix+"media.json"], prefix, c); err != nil {
			return nil, err
		}
	}
	inOrder(c.Items, true)
	return c, nil
}

// text is a JSON string, or null, or what else somebody put there, with mojibake repaired.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	*t = text(Repair(s))
	return nil
}

// number is a JSON number, or one in a string; NaN for anything else.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err != nil {
		v = math.NaN()
	}
	*n = number(v)
	return nil
}

// unix is when that many seconds after 1970 were; zero for what is no such time.
func unix(n number) time.Time {
	if v := float64(n); v > 0 && v < 1e11 {
		return time.Unix(int64(v), 0).UTC()
	}
	return time.Time{}
}

// many is an array of T, or a single one, or nothing.
type many[T any] []T

func (m *many[T]) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '[' && b[0] != '{' {
		return nil
	}
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(m))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*m = many[T]{one}
	return nil
}

type instagramMedia struct {
	URI      text   `json:"uri"`
	Created  number `json:"creation_timestamp"`
	Title    text   `json:"title"`
	Alt      text   `json:"alt_text"`
	Metadata struct {
		Photo struct {
			EXIF many[struct {
				Latitude  *number `json:"latitude"`
				Longitude *number `json:"longitude"`
			}] `json:"exif_data"`
		} `json:"photo_metadata"`
	} `json:"media_metadata"`
	Place *instagramPlace `json:"place"`
}

type instagramPlace struct {
	Name text `json:"name"`
}

type instagramPost struct {
	instagramMedia
	Media  many[instagramMedia] `json:"media"`
	Time   number               `json:"timestamp"`
	Labels many[struct {
		Label text                 `json:"label"`
		Value text                 `json:"value"`
		Media many[instagramMedia] `json:"media"`
	}] `json:"label_values"`
}

// readInstagramFile reads an array of posts, or an object of such arrays.
func readInstagramFile(f *File, prefix, section string, c *Contents) error {
	add := func(p instagramPost) error {
		if it, ok := p.item(prefix, section); ok {
			c.Items = append(c.Items, it)
		}
		return nil
	}
	first, err := firstByte(f)
	if err != nil {
		return wrongFile(f, err)
	}
	if first == '[' {
		return each(f, add)
	}
	var sections map[string]json.RawMessage
	if err := decode(f, &sections); err != nil {
		return err
	}
	// A file with one post has it without an array.
	if _, ok := sections["media"]; ok {
		var p instagramPost
		if err := decode(f, &p); err != nil {
			return err
		}
		return add(p)
	}
	names := make([]string, 0, len(sections))
	for name := range sections {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var posts many[instagramPost]
		if name == "ig_profile_picture" || json.Unmarshal(sections[name], &posts) != nil {
			continue
		}
		for _, p := range posts {
			if err := add(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// firstByte is the first of a text that is no space.
func firstByte(f *File) (byte, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	b := make([]byte, 64)
	n, err := r.Read(b)
	for _, c := range b[:n] {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != 0xef && c != 0xbb && c != 0xbf {
			return c, nil
		}
	}
	return 0, err
}

// item makes an item of a post; ok is false for one that has no media at all and no file.
func (p *instagramPost) item(prefix, section string) (Item, bool) {
	media := []instagramMedia(p.Media)
	caption := p.Title
	for _, l := range p.Labels {
		media = append(media, l.Media...)
		if strings.EqualFold(string(l.Label), "Caption") && caption == "" {
			caption = l.Value
		}
	}
	if len(media) == 0 && p.URI != "" {
		media = []instagramMedia{p.instagramMedia}
	}
	if len(media) == 0 {
		return Item{}, false
	}
	it := Item{Section: section, Taken: unix(p.Created), Caption: string(caption)}
	if it.Taken.IsZero() {
		it.Taken = unix(p.Time)
	}
	for _, m := range media {
		if it.Caption == "" {
			it.Caption = string(m.Title)
		}
		if it.Taken.IsZero() {
			it.Taken = unix(m.Created)
		}
		it.Pictures = append(it.Pictures, Picture{File: prefix + string(m.URI), Alt: string(m.Alt)})
		for _, e := range m.Metadata.Photo.EXIF {
			if it.Place == nil && e.Latitude != nil && e.Longitude != nil {
				it.Place = point(float64(*e.Latitude), float64(*e.Longitude))
			}
		}
		if m.Place != nil && m.Place.Name != "" {
			if it.Place == nil {
				it.Place = &Place{}
			}
			it.Place.Name = string(m.Place.Name)
		}
	}
	it.Key = instagramKey(it.Taken, it.Pictures[0].File)
	it.leave()
	return it, true
}

// instagramKey knows an item again in another download: by its second and its first file's name, which stays when directories and qualities change.
func instagramKey(taken time.Time, file string) string {
	base := path.Base(file)
	return fmt.Sprintf("%s:%d:%s", Instagram, taken.Unix(), digest(strings.TrimSuffix(base, path.Ext(base))))
}

// point is a place on the map, nil where there is none: Instagram writes 0, 0 for what it does not know.
func point(lat, lng float64) *Place {
	if math.IsNaN(lat) || math.IsNaN(lng) || math.Abs(lat) > 90 || math.Abs(lng) > 180 || lat == 0 && lng == 0 {
		return nil
	}
	return &Place{Latitude: &lat, Longitude: &lng}
}

// oldMedia is an entry of media.json.
type oldMedia struct {
	Caption  text `json:"caption"`
	Taken    text `json:"taken_at"`
	Location text `json:"location"`
	Path     text `json:"path"`
}

// readOldInstagram reads media.json. Pictures of an album stand one after the other, with the same caption and second.
func readOldInstagram(f *File, prefix string, c *Contents) error {
	var all map[string]json.RawMessage
	if err := decode(f, &all); err != nil {
		return err
	}
	for _, part := range []struct{ name, section string }{{"photos", SectionPosts}, {"videos", SectionPosts}, {"stories", SectionStories}} {
		var list many[oldMedia]
		if len(all[part.name]) > 0 && json.Unmarshal(all[part.name], &list) != nil {
			return wrongFile(f, nil)
		}
		for i := 0; i < len(list); {
			m := list[i]
			it := Item{Section: part.section, Taken: oldTime(string(m.Taken)), Caption: string(m.Caption)}
			if m.Location != "" {
				it.Place = &Place{Name: string(m.Location)}
			}
			for ; i < len(list) && list[i].Taken == m.Taken && list[i].Caption == m.Caption && list[i].Location == m.Location && len(it.Pictures) < albumOf; i++ {
				it.Pictures = append(it.Pictures, Picture{File: prefix + string(list[i].Path)})
				if m.Taken == "" || part.section == SectionStories {
					i++ // without a time, nothing says what belongs together
					break
				}
			}
			it.Key = instagramKey(it.Taken, it.Pictures[0].File)
			it.Standing.Archived = part.section == SectionStories
			it.leave()
			c.Items = append(c.Items, it)
		}
	}
	return nil
}

// albumOf is how many pictures an album had when media.json was current.
const albumOf = 10

func oldTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
