package api

import (
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

// Access says who may call a route.
type Access uint8

// The classes of access, from open to narrow.
const (
	Public    Access = iota // anybody; with a credential it must be a good one that has the scope
	Token                   // any credential that has the scope
	Session                 // a session of the site itself, never an app's token
	Moderator               // a session of a moderator, or an admin
	Admin                   // a session of an admin
)

// Class says how calls of a route are counted against the hourly limit.
type Class uint8

// The rate classes.
const (
	Counted   Class = iota // one hourly budget per credential, or per address without one
	Uncounted              // media bytes and streams, which have limits of their own
)

// Repeat says what a POST with an Idempotency-Key seen before does.
type Repeat uint8

// The ways to treat a repeated key. Each replays the stored answer while it is
// remembered; they differ in what survives a restart.
const (
	NoRepeat Repeat = iota // not a POST, or one whose input works once only
	InMemory               // repeating does no harm, or the answer holds a secret: remembered in memory
	Recorded               // remembered in the database
	InWrite                // remembered by the rule, in the transaction of the deed itself
)

// Shows says whether a route writes what others see.
type Shows uint8

// What routes show to others. What shows is closed to members who must confirm an e-mail address first.
const (
	ShowsNothing Shows = iota // or takes back what is shown
	ShowsAlways
	ShowsSome // some of what it does shows: the handler asks for that, or the rule does
)

// Body limits, in bytes.
const (
	noBody    = 0
	smallBody = 64 << 10
	fileBody  = -1 // the site's limit for uploads
)

// A Route is one line of the table.
type Route struct {
	Method, Pattern string
	Access          Access
	Scope           tintype.Scope // what a token must have, also where access is Public
	Body            int64         // the largest request body
	Class           Class
	Cap             Cap // that apps' calls of it fall under
	Repeat          Repeat
	SignsIn         bool // may set a session cookie, so never cross-origin
	Bytes           bool // answers with something else than JSON where all is well
	Shows           Shows
	Switch          knobs.Knob // what an operator closes it with
	Deed            string     // what it is called in the audit log; "" where the rule writes that itself, or nothing is done
	Always          bool       // changes something, and is open even while the site can only be read
	handle          func(*API, *call) error
}

// Routes is every route, in the order of the documentation.
func Routes() []Route {
	const (
		basic     = tintype.ScopeBasic
		likes     = tintype.ScopeLikes
		comments  = tintype.ScopeComments
		relations = tintype.ScopeRelationships
		media     = tintype.ScopeMedia
		session   = tintype.ScopeSession
	)
	return []Route{
		{Method: "GET", Pattern: "/v1/site", handle: (*API).getSite},
		{Method: "GET", Pattern: "/v1/site/pictures", handle: (*API).getPictures},

		// Signing up and in.
		{Method: "POST", Pattern: "/v1/users", Body: smallBody, Repeat: InMemory, SignsIn: true, handle: (*API).signUp},
		{Method: "POST", Pattern: "/v1/session", Body: smallBody, Repeat: InMemory, SignsIn: true, Always: true, handle: (*API).signIn},
		{Method: "POST", Pattern: "/v1/session/passkey", Body: smallBody, Repeat: InMemory, SignsIn: true, Always: true, handle: (*API).beginSignIn},
		{Method: "POST", Pattern: "/v1/session/provider", Body: smallBody, Repeat: InMemory, SignsIn: true, Always: true, handle: (*API).beginProvider},
		{Method: "POST", Pattern: "/v1/session/provider/answer", Body: smallBody, Repeat: InMemory, SignsIn: true, Always: true, handle: (*API).arrive},
		{Method: "POST", Pattern: "/v1/session/provider/code", Body: smallBody, Repeat: InMemory, SignsIn: true, Always: true, handle: (*API).finishProvider},
		{Method: "POST", Pattern: "/v1/session/provider/join", Body: smallBody, Repeat: InMemory, SignsIn: true, handle: (*API).joinByProvider},
		{Method: "DELETE", Pattern: "/v1/session", Access: Token, Scope: basic, Always: true, handle: (*API).signOut},
		{Method: "GET", Pattern: "/v1/sessions", Access: Session, Scope: session, handle: (*API).listSessions},
		{Method: "DELETE", Pattern: "/v1/sessions", Access: Session, Scope: session, Always: true, handle: (*API).signOutEverywhere},
		{Method: "DELETE", Pattern: "/v1/sessions/{id}", Access: Session, Scope: session, Always: true, handle: (*API).revokeSession},

		// What the links in letters do.
		{Method: "POST", Pattern: "/v1/email/confirm", Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).confirmEmail},
		{Method: "POST", Pattern: "/v1/email/undo", Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).undoEmail},
		{Method: "POST", Pattern: "/v1/password/forgot", Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).forgotPassword},
		{Method: "POST", Pattern: "/v1/password/reset", Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).resetPassword},

		// Oneself.
		{Method: "GET", Pattern: "/v1/users/self", Access: Token, Scope: basic, handle: (*API).getSelf},
		{Method: "PATCH", Pattern: "/v1/users/self", Access: Session, Scope: session, Body: smallBody, Shows: ShowsSome, handle: (*API).updateSelf},
		{Method: "POST", Pattern: "/v1/users/self/password", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).changePassword},
		{Method: "GET", Pattern: "/v1/users/self/two-factor", Access: Session, Scope: session, handle: (*API).getTwoFactor},
		{Method: "POST", Pattern: "/v1/users/self/two-factor", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).beginTwoFactor},
		{Method: "POST", Pattern: "/v1/users/self/two-factor/confirm", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).confirmTwoFactor},
		{Method: "POST", Pattern: "/v1/users/self/two-factor/recovery", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).renewRecovery},
		{Method: "POST", Pattern: "/v1/users/self/two-factor/off", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).endTwoFactor},
		{Method: "GET", Pattern: "/v1/users/self/passkeys", Access: Session, Scope: session, handle: (*API).listPasskeys},
		{Method: "POST", Pattern: "/v1/users/self/passkeys", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).addPasskey},
		{Method: "POST", Pattern: "/v1/users/self/passkeys/challenge", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).beginPasskey},
		{Method: "PATCH", Pattern: "/v1/users/self/passkeys/{key}", Access: Session, Scope: session, Body: smallBody, Always: true, handle: (*API).renamePasskey},
		{Method: "POST", Pattern: "/v1/users/self/passkeys/{key}/remove", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).removePasskey},
		{Method: "GET", Pattern: "/v1/users/self/identities", Access: Session, Scope: session, handle: (*API).listIdentities},
		{Method: "POST", Pattern: "/v1/users/self/identities", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, SignsIn: true, Always: true, handle: (*API).beginLink},
		{Method: "POST", Pattern: "/v1/users/self/identities/{key}/remove", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).unlink},
		{Method: "GET", Pattern: "/v1/users/self/email", Access: Session, Scope: session, handle: (*API).getEmail},
		{Method: "PUT", Pattern: "/v1/users/self/email", Access: Session, Scope: session, Body: smallBody, Always: true, handle: (*API).changeEmail},
		{Method: "POST", Pattern: "/v1/users/self/email/verify", Access: Session, Scope: session, Repeat: InMemory, Always: true, handle: (*API).askVerify},
		{Method: "PUT", Pattern: "/v1/users/self/avatar", Access: Session, Scope: session, Body: fileBody, Shows: ShowsAlways, Switch: knobs.Uploads, handle: (*API).setAvatar},
		{Method: "DELETE", Pattern: "/v1/users/self/avatar", Access: Session, Scope: session, handle: (*API).removeAvatar},
		{Method: "GET", Pattern: "/v1/users/self/feed", Access: Token, Scope: basic, handle: (*API).getFeed},
		{Method: "GET", Pattern: "/v1/users/self/media/liked", Access: Token, Scope: basic, handle: (*API).listLiked},
		{Method: "GET", Pattern: "/v1/users/self/requested-by", Access: Token, Scope: basic, handle: (*API).listRequests},
		{Method: "GET", Pattern: "/v1/users/self/activity", Access: Token, Scope: basic, handle: (*API).listActivity},
		{Method: "GET", Pattern: "/v1/users/self/activity/grouped", Access: Token, Scope: basic, handle: (*API).groupedActivity},
		{Method: "GET", Pattern: "/v1/users/self/activity/following", Access: Token, Scope: basic, handle: (*API).followingActivity},
		{Method: "GET", Pattern: "/v1/users/self/activity/unread", Access: Token, Scope: basic, handle: (*API).unreadActivity},
		{Method: "GET", Pattern: "/v1/users/self/choices", Access: Session, Scope: session, handle: (*API).getChoices},
		{Method: "PATCH", Pattern: "/v1/users/self/choices", Access: Session, Scope: session, Body: smallBody, handle: (*API).setChoices},
		{Method: "GET", Pattern: "/v1/users/self/media/tag-requests", Access: Session, Scope: session, handle: (*API).listTagsAsked},
		{Method: "POST", Pattern: "/v1/users/self/activity/seen", Access: Token, Scope: basic, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).seenActivity},
		{Method: "GET", Pattern: "/v1/events", Access: Token, Scope: basic, Class: Uncounted, Bytes: true, Switch: knobs.LiveEvents, handle: (*API).events},

		// What one owns, to take along.
		{Method: "POST", Pattern: "/v1/users/self/exports", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).beginExport},
		{Method: "GET", Pattern: "/v1/users/self/exports", Access: Session, Scope: session, handle: (*API).listExports},
		{Method: "DELETE", Pattern: "/v1/users/self/exports/{id}", Access: Session, Scope: session, handle: (*API).deleteExport},
		{Method: "GET", Pattern: "/v1/users/self/exports/{id}/archive.zip", Access: Session, Scope: session, Class: Uncounted, Bytes: true, handle: (*API).getExport},
		{Method: "POST", Pattern: "/v1/users/self/imports", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Switch: knobs.Uploads, handle: (*API).beginImport},
		{Method: "GET", Pattern: "/v1/users/self/imports", Access: Session, Scope: session, handle: (*API).listImports},
		{Method: "GET", Pattern: "/v1/users/self/imports/{id}", Access: Session, Scope: session, handle: (*API).getImport},
		{Method: "POST", Pattern: "/v1/users/self/imports/{id}", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Shows: ShowsSome, handle: (*API).changeImport},
		{Method: "DELETE", Pattern: "/v1/users/self/imports/{id}", Access: Session, Scope: session, handle: (*API).deleteImport},
		{Method: "PUT", Pattern: "/v1/users/self/imports/{id}/parts/{n}", Access: Session, Scope: session, Body: fileBody, Class: Uncounted, Switch: knobs.Uploads, handle: (*API).addImportPart},
		{Method: "GET", Pattern: "/v1/users/self/imports/{id}/items", Access: Session, Scope: session, handle: (*API).listImportItems},
		{Method: "GET", Pattern: "/v1/users/self/imports/{id}/items.csv", Access: Session, Scope: session, Class: Uncounted, Bytes: true, handle: (*API).getImportCSV},
		{Method: "POST", Pattern: "/v1/users/self/deletion", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).leave},

		// People.
		{Method: "GET", Pattern: "/v1/users/search", Scope: basic, Switch: knobs.Search, handle: (*API).searchUsers},
		{Method: "GET", Pattern: "/v1/users/suggested", Access: Token, Scope: basic, Switch: knobs.Search, handle: (*API).suggestedUsers},
		{Method: "DELETE", Pattern: "/v1/users/suggested/{id}", Access: Token, Scope: relations, handle: (*API).dismissSuggested},
		{Method: "PUT", Pattern: "/v1/users/suggested/{id}", Access: Token, Scope: relations, handle: (*API).recallSuggested},
		{Method: "GET", Pattern: "/v1/users/by-username/{username}", Scope: basic, handle: (*API).getUserByName},
		{Method: "GET", Pattern: "/v1/users/{id}", Scope: basic, handle: (*API).getUser},
		{Method: "GET", Pattern: "/v1/users/{id}/media/tagged", Scope: basic, handle: (*API).listTagged},
		{Method: "GET", Pattern: "/v1/users/{id}/media/recent", Scope: basic, handle: (*API).listUserMedia},
		{Method: "GET", Pattern: "/v1/users/{id}/follows", Scope: basic, handle: (*API).listFollows},
		{Method: "GET", Pattern: "/v1/users/{id}/followed-by", Scope: basic, handle: (*API).listFollowers},
		{Method: "GET", Pattern: "/v1/users/{id}/relationship", Access: Token, Scope: basic, handle: (*API).getRelationship},
		{Method: "POST", Pattern: "/v1/users/{id}/relationship", Cap: CapRelationships, Access: Token, Scope: relations, Body: smallBody, Repeat: InMemory, Shows: ShowsSome, handle: (*API).changeRelationship},

		// Uploads and posts.
		{Method: "POST", Pattern: "/v1/uploads", Access: Token, Scope: media, Body: fileBody, Repeat: Recorded, Shows: ShowsAlways, Switch: knobs.Uploads, handle: (*API).createUpload},
		{Method: "GET", Pattern: "/v1/uploads/{id}", Access: Token, Scope: media, handle: (*API).getUpload},
		{Method: "GET", Pattern: "/v1/uploads/{id}/preview.jpg", Access: Token, Scope: media, Class: Uncounted, Bytes: true, handle: (*API).getUploadPreview},
		{Method: "DELETE", Pattern: "/v1/uploads/{id}", Access: Token, Scope: media, handle: (*API).deleteUpload},
		{Method: "POST", Pattern: "/v1/media", Access: Token, Scope: media, Body: 4 * smallBody, Repeat: InWrite, Shows: ShowsAlways, Switch: knobs.Posting, handle: (*API).publish},
		{Method: "GET", Pattern: "/v1/media/{id}", Scope: basic, handle: (*API).getMedia},
		{Method: "GET", Pattern: "/v1/media/shortcode/{code}", Scope: basic, handle: (*API).getMediaByCode},
		{Method: "PATCH", Pattern: "/v1/media/{id}", Access: Token, Scope: media, Body: smallBody, Shows: ShowsSome, handle: (*API).editMedia},
		{Method: "DELETE", Pattern: "/v1/media/{id}", Access: Token, Scope: media, handle: (*API).deleteMedia},
		{Method: "GET", Pattern: "/v1/media/{id}/original", Access: Token, Scope: media, Class: Uncounted, Bytes: true, handle: (*API).getOriginal},
		{Method: "GET", Pattern: "/v1/media/{id}/people", Scope: basic, handle: (*API).listPeople},
		{Method: "PUT", Pattern: "/v1/media/{id}/people/self", Access: Session, Scope: session, Shows: ShowsAlways, handle: (*API).acceptPhotoTag},
		{Method: "DELETE", Pattern: "/v1/media/{id}/people/self", Access: Session, Scope: session, handle: (*API).leavePhoto},
		{Method: "GET", Pattern: "/v1/media/{id}/files", Access: Token, Scope: media, handle: (*API).listFiles},
		{Method: "GET", Pattern: "/v1/media/{id}/comments", Scope: basic, handle: (*API).listComments},
		{Method: "POST", Pattern: "/v1/media/{id}/comments", Cap: CapComments, Access: Token, Scope: comments, Body: smallBody, Repeat: InWrite, Shows: ShowsAlways, Switch: knobs.Comments, handle: (*API).addComment},
		{Method: "DELETE", Pattern: "/v1/media/{id}/comments/{cid}", Access: Token, Scope: comments, handle: (*API).deleteComment},
		{Method: "GET", Pattern: "/v1/media/{id}/likes", Scope: basic, handle: (*API).listLikers},
		{Method: "POST", Pattern: "/v1/media/{id}/likes", Cap: CapLikes, Access: Token, Scope: likes, Body: smallBody, Repeat: InMemory, Shows: ShowsAlways, Switch: knobs.Likes, handle: (*API).like},
		{Method: "DELETE", Pattern: "/v1/media/{id}/likes", Access: Token, Scope: likes, Switch: knobs.Likes, handle: (*API).unlike},

		// What one saves, which no app learns of.
		{Method: "GET", Pattern: "/v1/users/self/media/saved", Access: Session, Scope: session, handle: (*API).listSaved},
		{Method: "GET", Pattern: "/v1/media/{id}/saved", Access: Session, Scope: session, handle: (*API).getSaved},
		{Method: "PUT", Pattern: "/v1/media/{id}/saved", Access: Session, Scope: session, handle: (*API).savePost},
		{Method: "DELETE", Pattern: "/v1/media/{id}/saved", Access: Session, Scope: session, handle: (*API).unsavePost},
		{Method: "GET", Pattern: "/v1/collections", Access: Session, Scope: session, handle: (*API).listCollections},
		{Method: "POST", Pattern: "/v1/collections", Access: Session, Scope: session, Body: smallBody, Repeat: Recorded, handle: (*API).addCollection},
		{Method: "GET", Pattern: "/v1/collections/{id}", Access: Session, Scope: session, handle: (*API).getCollection},
		{Method: "PATCH", Pattern: "/v1/collections/{id}", Access: Session, Scope: session, Body: smallBody, handle: (*API).changeCollection},
		{Method: "DELETE", Pattern: "/v1/collections/{id}", Access: Session, Scope: session, handle: (*API).deleteCollection},
		{Method: "GET", Pattern: "/v1/collections/{id}/media", Access: Session, Scope: session, handle: (*API).listCollectionMedia},
		{Method: "PUT", Pattern: "/v1/collections/{id}/media/{media}", Access: Session, Scope: session, handle: (*API).putIntoCollection},
		{Method: "DELETE", Pattern: "/v1/collections/{id}/media/{media}", Access: Session, Scope: session, handle: (*API).takeFromCollection},

		// Albums of one's own posts, and what is shown by secret links.
		{Method: "GET", Pattern: "/v1/users/{id}/albums", Scope: basic, handle: (*API).listAlbums},
		{Method: "POST", Pattern: "/v1/albums", Access: Token, Scope: media, Body: smallBody, Repeat: Recorded, Shows: ShowsAlways, Switch: knobs.Posting, handle: (*API).addAlbum},
		{Method: "GET", Pattern: "/v1/albums/{id}", Scope: basic, handle: (*API).getAlbum},
		{Method: "PATCH", Pattern: "/v1/albums/{id}", Access: Token, Scope: media, Body: smallBody, Shows: ShowsSome, handle: (*API).changeAlbum},
		{Method: "DELETE", Pattern: "/v1/albums/{id}", Access: Token, Scope: media, handle: (*API).deleteAlbum},
		{Method: "GET", Pattern: "/v1/albums/{id}/media", Scope: basic, handle: (*API).listAlbumMedia},
		{Method: "GET", Pattern: "/v1/secret-links", Access: Session, Scope: session, handle: (*API).listLinks},
		{Method: "POST", Pattern: "/v1/secret-links", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Shows: ShowsAlways, Switch: knobs.Posting, handle: (*API).addLink},
		{Method: "DELETE", Pattern: "/v1/secret-links/{id}", Access: Session, Scope: session, Always: true, handle: (*API).endLink},
		{Method: "GET", Pattern: "/v1/shared/{token}", handle: (*API).openLink},

		// What users set against others, and comments that wait.
		{Method: "GET", Pattern: "/v1/users/self/safety", Access: Session, Scope: session, handle: (*API).getSafety},
		{Method: "PATCH", Pattern: "/v1/users/self/safety", Access: Session, Scope: session, Body: smallBody, handle: (*API).updateSafety},
		{Method: "GET", Pattern: "/v1/users/self/muted", Access: Session, Scope: session, handle: (*API).listMuted},
		{Method: "GET", Pattern: "/v1/users/self/restricted", Access: Session, Scope: session, handle: (*API).listRestricted},
		{Method: "GET", Pattern: "/v1/users/self/held-comments", Access: Session, Scope: session, handle: (*API).listHeld},
		{Method: "GET", Pattern: "/v1/media/{id}/held-comments", Access: Session, Scope: session, handle: (*API).listHeldOnPost},
		{Method: "POST", Pattern: "/v1/media/{id}/held-comments/{cid}/approve", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Shows: ShowsAlways, Switch: knobs.Comments, handle: (*API).approveComment},

		// How posts stand among the others, and close friends.
		{Method: "PUT", Pattern: "/v1/media/{id}/archive", Access: Token, Scope: media, handle: (*API).archive},
		{Method: "DELETE", Pattern: "/v1/media/{id}/archive", Access: Token, Scope: media, Shows: ShowsAlways, Switch: knobs.Posting, handle: (*API).unarchive},
		{Method: "GET", Pattern: "/v1/users/self/media/archived", Access: Token, Scope: media, handle: (*API).listArchived},
		{Method: "PUT", Pattern: "/v1/media/{id}/pin", Access: Token, Scope: media, Shows: ShowsAlways, handle: (*API).pin},
		{Method: "DELETE", Pattern: "/v1/media/{id}/pin", Access: Token, Scope: media, handle: (*API).unpin},
		{Method: "GET", Pattern: "/v1/users/self/close-friends", Access: Token, Scope: relations, handle: (*API).listFriends},
		{Method: "PUT", Pattern: "/v1/users/self/close-friends/{id}", Access: Token, Scope: relations, Shows: ShowsAlways, handle: (*API).addFriend},
		{Method: "DELETE", Pattern: "/v1/users/self/close-friends/{id}", Access: Token, Scope: relations, handle: (*API).removeFriend},

		// Places.
		{Method: "GET", Pattern: "/v1/locations/search", Scope: basic, Switch: knobs.Search, handle: (*API).searchPlaces},
		{Method: "GET", Pattern: "/v1/locations/{id}", Scope: basic, handle: (*API).getPlace},
		{Method: "GET", Pattern: "/v1/locations/{id}/media/recent", Scope: basic, handle: (*API).listPlaceMedia},
		{Method: "GET", Pattern: "/v1/locations/{id}/map", Scope: basic, handle: (*API).getPlaceMap},
		{Method: "GET", Pattern: "/v1/users/{id}/map", Scope: basic, handle: (*API).getUserMap},
		{Method: "GET", Pattern: "/v1/users/{id}/map/media", Scope: basic, handle: (*API).listUserMapMedia},
		{Method: "GET", Pattern: "/v1/map/towns", Scope: basic, handle: (*API).listTowns},
		{Method: "GET", Pattern: "/v1/media/search", Scope: basic, Switch: knobs.Search, handle: (*API).searchMedia},

		// What is popular.
		{Method: "GET", Pattern: "/v1/media/popular", Scope: basic, handle: (*API).listPopular},

		// Tags.
		{Method: "GET", Pattern: "/v1/tags/search", Scope: basic, Switch: knobs.Search, handle: (*API).searchTags},
		{Method: "GET", Pattern: "/v1/tags/{name}", Scope: basic, handle: (*API).getTag},
		{Method: "GET", Pattern: "/v1/tags/{name}/media/recent", Scope: basic, handle: (*API).listTagMedia},
		{Method: "GET", Pattern: "/v1/tags/{name}/relationship", Access: Token, Scope: basic, handle: (*API).getTagRelationship},
		{Method: "POST", Pattern: "/v1/tags/{name}/relationship", Access: Token, Scope: relations, Body: smallBody, Repeat: InMemory, handle: (*API).changeTagRelationship},
		{Method: "GET", Pattern: "/v1/users/self/tags", Access: Token, Scope: basic, handle: (*API).listFollowedTags},

		// What posts say.
		{Method: "GET", Pattern: "/v1/search/media", Scope: basic, Switch: knobs.Search, handle: (*API).searchCaptions},

		// Running the site.
		{Method: "GET", Pattern: "/v1/admin/site", Access: Admin, Scope: session, handle: (*API).getAdminSite},
		{Method: "PATCH", Pattern: "/v1/admin/site", Access: Admin, Scope: session, Deed: "site.change", Body: smallBody, handle: (*API).updateAdminSite},
		{Method: "GET", Pattern: "/v1/admin/invites", Access: Admin, Scope: session, handle: (*API).listInvites},
		{Method: "POST", Pattern: "/v1/admin/invites", Access: Admin, Scope: session, Deed: "invite.make", Body: smallBody, Repeat: Recorded, handle: (*API).createInvite},
		{Method: "DELETE", Pattern: "/v1/admin/invites/{code}", Access: Admin, Scope: session, Deed: "invite.withdraw", handle: (*API).revokeInvite},
		{Method: "GET", Pattern: "/v1/admin/jobs", Access: Admin, Scope: session, handle: (*API).listJobs},
		{Method: "POST", Pattern: "/v1/admin/jobs/{db}/{id}/retry", Access: Admin, Scope: session, Deed: "job.retry", Body: smallBody, Repeat: InMemory, handle: (*API).retryJob},

		{Method: "GET", Pattern: "/v1/admin/knobs", Access: Admin, Scope: session, handle: (*API).listKnobs},
		{Method: "PATCH", Pattern: "/v1/admin/knobs", Access: Admin, Scope: session, Deed: "knobs.turn", Body: smallBody, handle: (*API).turnKnobs},
		{Method: "GET", Pattern: "/v1/admin/knobs/history", Access: Admin, Scope: session, handle: (*API).listTurns},

		// Reports, and what comes of them.
		{Method: "POST", Pattern: "/v1/reports", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).report},
		{Method: "GET", Pattern: "/v1/reports", Access: Session, Scope: session, handle: (*API).listReports},
		{Method: "GET", Pattern: "/v1/users/self/notices", Access: Session, Scope: session, handle: (*API).listNotices},
		{Method: "POST", Pattern: "/v1/users/self/notices/{id}/appeal", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).appeal},
		// For those who are suspended: they show a ticket, which is no credential.
		{Method: "POST", Pattern: "/v1/suspension", Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).getSuspension},
		{Method: "POST", Pattern: "/v1/suspension/appeal", Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).appealSuspension},
		{Method: "GET", Pattern: "/v1/admin/reports", Access: Moderator, Scope: session, handle: (*API).listCases},
		{Method: "GET", Pattern: "/v1/admin/reports/{id}", Access: Moderator, Scope: session, handle: (*API).getCase},
		{Method: "GET", Pattern: "/v1/admin/reports/{id}/reports", Access: Moderator, Scope: session, handle: (*API).listCaseReports},
		{Method: "GET", Pattern: "/v1/admin/reports/{id}/media/{n}.jpg", Access: Moderator, Scope: session, Class: Uncounted, Bytes: true, handle: (*API).getCasePicture},
		{Method: "POST", Pattern: "/v1/admin/reports/{id}/claim", Access: Moderator, Scope: session, Body: smallBody, Repeat: InMemory, Deed: "case.claim", handle: (*API).claimCase},
		{Method: "POST", Pattern: "/v1/admin/reports/{id}/decide", Access: Moderator, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).resolveCase},
		{Method: "GET", Pattern: "/v1/admin/appeals", Access: Moderator, Scope: session, handle: (*API).listAppeals},
		{Method: "POST", Pattern: "/v1/admin/appeals/{id}", Access: Moderator, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).answerAppeal},
		{Method: "POST", Pattern: "/v1/admin/decisions/{id}/reverse", Access: Moderator, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).reverseDecision},
		{Method: "GET", Pattern: "/v1/admin/users", Access: Admin, Scope: session, handle: (*API).listMembers},
		{Method: "POST", Pattern: "/v1/admin/users/{id}/suspend", Access: Admin, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).suspendMember},
		{Method: "POST", Pattern: "/v1/admin/users/{id}/lift", Access: Admin, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).liftMember},
		{Method: "DELETE", Pattern: "/v1/admin/users/{id}/two-factor", Access: Admin, Scope: session, Deed: "user.reset_two_factor", handle: (*API).resetMemberTwoFactor},
		{Method: "DELETE", Pattern: "/v1/admin/users/{id}/sessions", Access: Admin, Scope: session, Deed: "user.sign_out", handle: (*API).signOutMember},
		{Method: "PUT", Pattern: "/v1/admin/users/{id}/moderator", Access: Admin, Scope: session, Deed: "user.moderator", handle: (*API).setModerator},
		{Method: "DELETE", Pattern: "/v1/admin/users/{id}/moderator", Access: Admin, Scope: session, Deed: "user.moderator", handle: (*API).setModerator},
		{Method: "GET", Pattern: "/v1/admin/audit", Access: Admin, Scope: session, handle: (*API).listAudit},
		// The room that files take.
		{Method: "GET", Pattern: "/v1/admin/storage", Access: Admin, Scope: session, handle: (*API).getStorage},
		{Method: "GET", Pattern: "/v1/users/self/storage", Access: Session, Scope: session, handle: (*API).getMyStorage},

		// Apps of third parties.
		{Method: "GET", Pattern: "/v1/apps", Access: Session, Scope: session, handle: (*API).listApps},
		{Method: "POST", Pattern: "/v1/apps", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Shows: ShowsAlways, handle: (*API).createApp},
		{Method: "GET", Pattern: "/v1/apps/{id}", Access: Session, Scope: session, handle: (*API).getApp},
		{Method: "PATCH", Pattern: "/v1/apps/{id}", Access: Session, Scope: session, Body: smallBody, Shows: ShowsSome, handle: (*API).changeApp},
		{Method: "POST", Pattern: "/v1/apps/{id}/secret", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).rotateSecret},
		{Method: "GET", Pattern: "/v1/apps/{id}/usage", Access: Session, Scope: session, handle: (*API).getUsage},
		{Method: "GET", Pattern: "/v1/admin/apps", Access: Admin, Scope: session, handle: (*API).listAllApps},
		{Method: "PATCH", Pattern: "/v1/admin/apps/{id}", Access: Admin, Scope: session, Deed: "app.allow", Body: smallBody, handle: (*API).allowApp},
		{Method: "DELETE", Pattern: "/v1/apps/{id}", Access: Session, Scope: session, handle: (*API).deleteApp},
		{Method: "GET", Pattern: "/v1/grants", Access: Session, Scope: session, handle: (*API).listGrants},
		{Method: "DELETE", Pattern: "/v1/grants/{app}", Access: Session, Scope: session, Always: true, handle: (*API).revokeGrant},
		{Method: "GET", Pattern: "/oauth/authorize", Access: Session, Scope: session, handle: (*API).checkAuthorize},
		{Method: "POST", Pattern: "/oauth/authorize", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, Always: true, handle: (*API).authorize},
		{Method: "POST", Pattern: "/oauth/access_token", Body: smallBody, Always: true, handle: (*API).exchangeCode},
		{Method: "POST", Pattern: "/oauth/revoke", Body: smallBody, Always: true, handle: (*API).revokeToken},

		// What apps are called back for; they show their client_id and client_secret.
		{Method: "GET", Pattern: "/v1/subscriptions", handle: (*API).listSubscriptions},
		{Method: "POST", Pattern: "/v1/subscriptions", Body: smallBody, Repeat: InMemory, handle: (*API).subscribe},
		{Method: "DELETE", Pattern: "/v1/subscriptions", Always: true, handle: (*API).unsubscribe},
		{Method: "GET", Pattern: "/v1/geographies/{id}/media/recent", Scope: basic, handle: (*API).listGeographyMedia},
		{Method: "GET", Pattern: "/v1/apps/{id}/callbacks", Access: Session, Scope: session, handle: (*API).listCallbacks},
		{Method: "POST", Pattern: "/v1/apps/{id}/callbacks/{callback}/resume", Access: Session, Scope: session, Body: smallBody, Repeat: InMemory, handle: (*API).resumeCallback},

		// For other sites.
		{Method: "GET", Pattern: "/oembed", handle: (*API).oembed},
		{Method: "GET", Pattern: "/v1/oembed", handle: (*API).oembed},

		// Bytes.
		{Method: "GET", Pattern: "/m/{shortcode}/{key}/{size}.jpg", Scope: basic, Class: Uncounted, Bytes: true, handle: (*API).getRendition},
		{Method: "GET", Pattern: "/avatars/{id}/{key}/{size}.jpg", Class: Uncounted, Bytes: true, handle: (*API).getAvatar},
		{Method: "GET", Pattern: "/avatars/default/{hue}/{letter}.svg", Class: Uncounted, Bytes: true, handle: (*API).getDefaultAvatar},
	}
}
