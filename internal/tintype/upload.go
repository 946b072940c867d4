package tintype

import "time"

// Upload is a file that its owner has sent and not yet published.
type Upload struct {
	ID            ID
	UserID        ID
	BlobKey       string // blob name of the original
	SHA256        [32]byte
	Bytes         int64
	Type          string // MIME type found in the bytes; "" while the bytes are still coming
	Width, Height int    // upright
	Camera        *Camera
	Location      *Location // from the file, for the owner to accept
	Created       time.Time
	PostID        ID // the post that uses it; 0 for none
}

// Once is a request that must have its effect once however often it is sent:
// who sent it, and hashes of the key it was sent with and of what it asks for.
// A nil Key is a request without one.
type Once struct {
	UserID  ID
	Key     []byte
	Request []byte
}
