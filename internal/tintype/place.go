package tintype

import "math"

// Place is a place with a name. Those of the gazetteer have the numbers of GeoNames, those
// that members name have numbers from FirstNamed on; all fit into 53 bits, as clients in JavaScript need.
type Place struct {
	ID        ID
	Name      string
	Country   string // ISO 3166 code of two letters; "" of what a member named
	Latitude  float64
	Longitude float64
	Media     int64 // posts that everybody may see
}

// FirstNamed is above every number of GeoNames.
const FirstNamed ID = 1 << 50

// NamedPlace is the number of what members call by a name near one another: key is the folded name with the cell.
func NamedPlace(key string) ID {
	return FirstNamed | ID(hash64(key)>>14)
}

// SpotKey is where a place or a map cell has its timeline: by it, it has its logical shard.
func SpotKey(place ID) string { return "place:" + place.String() }

// SpotID is the number under which the timeline of a place or cell is kept, but for its shard.
func SpotID(key string) ID { return ID(hash64(key) >> 1) }

// SpotPost is what the timeline of a place or cell has of a post.
type SpotPost struct {
	Post      ID
	Latitude  float64
	Longitude float64
	HasPoint  bool
	On        bool // it is in the timeline
	Open      bool // everybody may see it
}

// Spotted is what says in which places and cells a post is.
type Spotted struct {
	Location Location
	Open     bool // everybody may see it
}

// NearPost is a post and how far away it was taken, in metres.
type NearPost struct {
	Post     *Post
	Distance float64
}

const earthRadius = 6371010 // metres, the mean; as S2 has it

// Distance is that between two points along the surface of a sphere of the Earth's mean radius, in metres (haversine).
func Distance(lat1, lng1, lat2, lng2 float64) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((lat2-lat1)*rad/2), math.Sin((lng2-lng1)*rad/2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Coarse moves a point to one of a fixed grid of about a kilometre. The same point goes to the same
// one always, so that many posts from one door tell no more than one does.
func Coarse(lat, lng float64) (float64, float64) {
	const step = 0.01 // degrees of latitude: 1.1 km
	lat = math.Round(lat/step) * step
	wide := math.Ceil(360 * math.Max(math.Cos(lat*math.Pi/180), 1e-4) / step) // points around this parallel
	lng = math.Round((lng+180)*wide/360)*360/wide - 180
	round := func(v float64) float64 { return math.Round(v*1e5) / 1e5 }
	return round(lat), round(lng)
}
