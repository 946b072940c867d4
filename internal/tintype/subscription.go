package tintype

import "time"

// The objects of subscriptions.
const (
	ObjectUser      = "user"      // posts of users who allowed the app
	ObjectTag       = "tag"       // public posts with a tag
	ObjectLocation  = "location"  // public posts at a place
	ObjectGeography = "geography" // public posts within a circle
)

// Subscription is what an app asked to be called back for.
type Subscription struct {
	ID        ID
	App       ID
	Callback  ID
	Object    string
	ObjectID  string  // a tag, a place's ID, a geography's (which is the subscription's own); "" for user
	Latitude  float64 // of a geography's centre
	Longitude float64
	Radius    int // of a geography, in metres
	URL       string
	Created   time.Time
}

// Callback is an address at which an app is called back, and how it fares there.
type Callback struct {
	ID        ID
	App       ID
	URL       string
	Paused    time.Time // zero while it is called
	Failing   time.Time // when the run of failures began that is still on; zero if none is
	Failures  int       // of that run
	Pushed    time.Time // the last time that all was well; zero for never
	LastError string    // of that run, for its owner
	Due       time.Time // when it is called next; zero while there is nothing to tell
}

// Push is one thing that a callback is to be told: something changed. What it is, the app asks for itself.
type Push struct {
	Callback     ID
	Item         ID // the post; it tells repeats apart and is not sent
	Subscription ID
	Object       string
	ObjectID     string
	At           time.Time
}
