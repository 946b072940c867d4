package tintype

import "encoding/json"

// Reason says in a code why something was left out, or not as it was, for whoever shows it to say in the reader's language.
type Reason struct {
	Code string `json:"c"`
	N    int    `json:"n,omitempty"` // how many, or which one, counted from 1; 0 where the code needs no number
	Text string `json:"t,omitempty"` // names, or what another part of the site said in English
}

// Reasons are several of them, in the order in which they are to be read. They are stored as text.
type Reasons []Reason

// String is how reasons are stored: "" for none.
func (r Reasons) String() string {
	if len(r) == 0 {
		return ""
	}
	b, _ := json.Marshal(r) // always marshals
	return string(b)
}

// The codes of notes on posts from elsewhere.
const (
	NoteCaptionCut = "caption_cut" // the end of its caption was cut off
	NoteTagsCut    = "tags_cut"    // it is found under the first of its tags alone
	NotePlaceLeft  = "place_left"  // its place cannot be
)

// ReasonWords is the code of a reason that is nothing but a sentence in English, its Text: those from before there were codes.
const ReasonWords = "words"

// ParseReasons reads what String gave.
func ParseReasons(s string) Reasons {
	if s == "" {
		return nil
	}
	var out Reasons
	if json.Unmarshal([]byte(s), &out) != nil {
		return Reasons{{Code: ReasonWords, Text: s}}
	}
	return out
}
