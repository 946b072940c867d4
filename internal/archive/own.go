package archive

import "slices"

// PostKey is the key of a post of a Tintype archive, by its ID there.
func PostKey(id string) string { return Tintype + ":" + digest(id) }

// readTintype reads Tintype's own archives: the posts, then the albums and collections that they are in, then people.
func readTintype(z *Zip) (*Contents, error) {
	prefix, ok := z.root(AboutFile)
	if !ok {
		return nil, nil
	}
	var about About
	if err := decode(z.byID[prefix+AboutFile], &about); err != nil {
		return nil, err
	}
	if about.Format != FormatName {
		return nil, nil
	}
	if about.Version < 1 || about.Version > FormatVersion {
		return nil, bad(CodeNewer, "this archive was made by a newer Tintype (form %d; forms up to %d are known here)", about.Version, FormatVersion)
	}
	posts := z.byID[prefix+PostsFile]
	if posts == nil {
		return nil, bad(CodeFile, "this archive has no %s", PostsFile)
	}
	c := &Contents{Format: Tintype}
	there := map[string]bool{}
	if err := each(posts, func(p Post) error {
		there[p.ID] = true
		c.Items = append(c.Items, p.item(prefix))
		return nil
	}); err != nil {
		return nil, err
	}
	inOrder(c.Items, true)
	if err := z.readGroups(prefix, there, c); err != nil {
		return nil, err
	}
	return c, z.readPeople(prefix, c)
}

func (p *Post) item(prefix string) Item {
	it := Item{Key: PostKey(p.ID), Post: p.ID, Section: SectionPosts, Taken: p.Created.UTC(), Caption: p.Caption, Place: p.Location, Standing: p.Standing}
	if p.TakenDown {
		it.Standing.Archived = true
		it.note(NoteDown, 1)
	}
	if it.Standing.Archived {
		it.Section = SectionArchived
	}
	var missing int
	var people []string
	for _, m := range p.Media {
		for _, n := range m.People {
			people = append(people, n.Username)
		}
		if m.File == "" {
			missing++
			continue
		}
		it.Pictures = append(it.Pictures, Picture{File: prefix + m.File, Alt: m.AltText, Edits: string(m.Edits), Filter: m.Filter})
	}
	it.leave()
	it.note(NoteMissing, missing)
	slices.Sort(people)
	it.note(NotePeople, len(slices.Compact(people)))
	return it
}

// readGroups reads the albums and collections, the oldest first, so that they stand as they stood when they are made one after the other.
func (z *Zip) readGroups(prefix string, there map[string]bool, c *Contents) error {
	var groups []Item
	if f := z.byID[prefix+AlbumsFile]; f != nil {
		if err := each(f, func(a Album) error {
			g := &Group{Title: a.Title, Description: a.Description, Private: a.Private}
			for _, id := range a.Posts {
				g.add(id, there)
			}
			g.cover(a.Cover, there)
			groups = append(groups, Item{Key: Tintype + ":album:" + digest(a.ID), Section: SectionAlbums, Caption: a.Title, Group: g})
			return nil
		}); err != nil {
			return err
		}
	}
	if f := z.byID[prefix+CollectionsFile]; f != nil {
		if err := each(f, func(k Collection) error {
			g := &Group{Title: k.Name}
			for _, m := range k.Posts {
				g.add(m.Post, there)
			}
			g.cover(k.Cover, there)
			groups = append(groups, Item{Key: Tintype + ":collection:" + digest(k.ID), Section: SectionCollections, Caption: k.Name, Group: g})
			return nil
		}); err != nil {
			return err
		}
	}
	slices.Reverse(groups)
	c.Items = append(c.Items, groups...)
	return nil
}

func (g *Group) add(id string, there map[string]bool) {
	if there[id] {
		g.Posts = append(g.Posts, id)
	} else {
		g.Others++
	}
}

func (g *Group) cover(id string, there map[string]bool) {
	if there[id] {
		g.Cover = id
	}
}

// maxPersons is how many people of one list are read.
const maxPersons = 5000

// readPeople reads the lists of people.
func (z *Zip) readPeople(prefix string, c *Contents) error {
	for _, name := range []string{FriendsFile, MutedFile, RestrictedFile, BlockedFile} {
		f := z.byID[prefix+name]
		if f == nil {
			continue
		}
		p := &People{List: name}
		if err := each(f, func(o Person) error {
			if o.Username != "" && len(p.Persons) < maxPersons {
				p.Persons = append(p.Persons, o)
			}
			return nil
		}); err != nil {
			return err
		}
		if len(p.Persons) > 0 {
			c.Items = append(c.Items, Item{Key: Tintype + ":people:" + name, Section: SectionPeople, People: p})
		}
	}
	return nil
}
