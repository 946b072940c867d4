package mydata

import (
	"fmt"
	"strings"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

// The codes of reasons of exports, imports and their items, besides those of package archive and of posts from elsewhere.
const (
	WhyStuck   = "stuck"    // an export could not be finished
	WhyEmpty   = "no_posts" // there is nothing in the archive
	WhyFull    = "full"     // the site has no room; Text says so
	WhyRefused = "refused"  // the site does not take it; Text says why

	WhyHere    = "here"    // it is here already
	WhySection = "section" // its user left out its kind, Text
	WhyTime    = "time"    // its user left out its time
	WhyNoFile  = "no_file" // the file of photo N is not in the archive; N is 0 for the only one
	WhyPhoto   = "photo"   // photo N cannot be taken, as Text says; N is 0 for the only one

	NoteFirst = "first" // only its first N photos were taken
	NoteOld   = "old"   // it is from the year N, before the dates of posts begin

	WhyNothing   = "nothing"   // nothing of an album or a collection is here
	NoteOthers   = "others"    // N posts of an album or a collection are not here
	NotePeople   = "absent"    // N people, Text, are not here under these names
	NoteStranger = "strangers" // N people, Text, are left out: others may have their names here, and the user has nothing to do with them
)

// because is one reason, as it is stored.
func because(code string, n int, text string) string {
	return tintype.Reasons{{Code: code, N: n, Text: text}}.String()
}

// Message says reasons in English, for who reads the API.
func Message(reasons tintype.Reasons) string {
	out := make([]string, len(reasons))
	for i, r := range reasons {
		out[i] = sentence(r)
	}
	return strings.Join(out, "; ")
}

func sentence(r tintype.Reason) string {
	photo := "it"
	if r.N > 0 {
		photo = fmt.Sprintf("photo %d", r.N)
	}
	many := func(one, more string) string {
		if r.N == 1 {
			return one
		}
		return fmt.Sprintf(more, r.N)
	}
	switch r.Code {
	case WhyStuck:
		return "it could not be finished; please begin a new one"
	case WhyEmpty:
		return "there are no posts in this archive"
	case WhyHere:
		return "it is here already"
	case WhySection:
		return "you left out its kind: " + r.Text
	case WhyTime:
		return "you left out its time"
	case WhyNoFile:
		if r.N > 0 {
			return photo + ": its file is not in this archive; if there are several, it may be in another"
		}
		return "its file is not in this archive; if there are several, it may be in another"
	case WhyPhoto:
		if r.N > 0 {
			return photo + ": " + r.Text
		}
		return r.Text
	case NoteFirst:
		return fmt.Sprintf("only its first %d photos are taken", r.N)
	case NoteOld:
		return fmt.Sprintf("it is from %d; the dates of posts here begin with 2010", r.N)
	case WhyNothing:
		return "nothing of it is here"
	case NoteOthers:
		return many("a post of it is not here", "%d posts of it are not here")
	case NotePeople:
		return "not here: " + r.Text
	case NoteStranger:
		return "left out, for others may have their names here and you have nothing to do with them: " + r.Text
	case archive.WhyVideo:
		return "it is a video; only photos are taken here"
	case archive.WhyNoPhoto:
		return "it has no photo"
	case archive.WhyNotPublic:
		return "it was not for everybody"
	case archive.WhyDeleted:
		return "you deleted it where it comes from"
	case archive.NoteVideos:
		return many("a video was left out", "%d videos were left out")
	case archive.NoteMissing:
		return many("a photo is missing in the archive", "%d photos are missing in the archive")
	case archive.NotePeople:
		return many("who is named in its photos is not named here", "%d people who are named in its photos are not named here")
	case archive.NoteDown:
		return "it was taken down where it comes from, and is archived here"
	case tintype.NoteCaptionCut:
		return "the caption was too long, and its end was cut off"
	case tintype.NoteTagsCut:
		return "it is found under the first thirty of its tags only"
	case tintype.NotePlaceLeft:
		return "its place was left out"
	}
	if r.Text != "" {
		return r.Text
	}
	return r.Code
}
