package api

import (
	"context"
	"io"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/storage"
	"github.com/tintype/tintype/internal/tintype"
)

// What this package asks of the rules, by resource. account.Service,
// graph.Service, post.Service, feed.Service and activity.Service provide it.

// Credentials tells whom a token stands for.
type Credentials interface {
	Authenticate(ctx context.Context, token string) (account.Principal, error)
}

// Accounts is signing up and in.
type Accounts interface {
	SignUp(ctx context.Context, r account.SignUp) (*tintype.User, error)
	SignIn(ctx context.Context, l account.Login) (token string, user *tintype.User, err error)
	Open(ctx context.Context, user tintype.ID, c account.Client) (token string, err error)
	ChangePassword(ctx context.Context, p account.Principal, current, new string, c account.Client) error
}

// TwoFactors is signing in with more than a password.
type TwoFactors interface {
	TwoFactor(ctx context.Context, user tintype.ID) (account.TwoFactor, error)
	BeginTwoFactor(ctx context.Context, p account.Principal, password string, c account.Client) (account.Enrolment, error)
	ConfirmTwoFactor(ctx context.Context, p account.Principal, code string, c account.Client) (recovery []string, err error)
	RenewRecovery(ctx context.Context, p account.Principal, password, code string, c account.Client) (recovery []string, err error)
	EndTwoFactor(ctx context.Context, p account.Principal, password, code string, c account.Client) error
}

// Passkeys is signing in by keys that never leave one's device.
type Passkeys interface {
	ListPasskeys(ctx context.Context, user tintype.ID) ([]account.Passkey, error)
	BeginPasskey(ctx context.Context, p account.Principal, password string, c account.Client) (account.Ceremony, error)
	AddPasskey(ctx context.Context, p account.Principal, a account.PasskeyAnswer, name string, c account.Client) (account.Passkey, error)
	RenamePasskey(ctx context.Context, p account.Principal, id, name string) error
	RemovePasskey(ctx context.Context, p account.Principal, id, password string, c account.Client) error
	BeginSignIn(ctx context.Context, l account.Login) (account.Ceremony, error)
}

// Providers is signing in by accounts that people have elsewhere.
type Providers interface {
	Providers() []tintype.Provider
	BeginProvider(ctx context.Context, provider, next string, c account.Client) (account.Trip, error)
	Arrive(ctx context.Context, p account.Principal, a account.ProviderAnswer) (account.Arrival, error)
	FinishProvider(ctx context.Context, ticket, browser, code string, c account.Client) (token string, user *tintype.User, err error)
	JoinByProvider(ctx context.Context, ticket, browser string, r account.SignUp) (token string, user *tintype.User, err error)
}

// Identities is a user's own accounts elsewhere.
type Identities interface {
	WaysIn(ctx context.Context, user tintype.ID) (account.WaysIn, error)
	BeginLink(ctx context.Context, p account.Principal, provider, password string, c account.Client) (account.Trip, error)
	Unlink(ctx context.Context, p account.Principal, provider, password string, c account.Client) error
}

// Emails is a user's own e-mail address.
type Emails interface {
	EmailOf(ctx context.Context, user tintype.ID) (account.EmailState, error)
	MayShow(ctx context.Context, user tintype.ID, confirmed bool) (refused, err error)
	ChangeEmail(ctx context.Context, p account.Principal, email, password string, c account.Client) error
	AskVerify(ctx context.Context, p account.Principal) error
}

// Links is what the links in letters do, whoever follows them.
type Links interface {
	ConfirmEmail(ctx context.Context, token string, c account.Client) (email string, err error)
	UndoEmail(ctx context.Context, token string, c account.Client) (email string, err error)
	ForgotPassword(ctx context.Context, email string, c account.Client) error
	SetForgotten(ctx context.Context, token, password string, c account.Client) error
}

// Sessions is a user's own credentials.
type Sessions interface {
	SignOut(ctx context.Context, p account.Principal) error
	SignOutEverywhere(ctx context.Context, user tintype.ID, keep string) error
	Sessions(ctx context.Context, user tintype.ID) ([]account.Session, error)
	RevokeSession(ctx context.Context, user tintype.ID, id string) error
}

// Profiles is a user's own profile, and finding people by name.
type Profiles interface {
	Private(ctx context.Context, user tintype.ID) (account.Private, error)
	UpdateProfile(ctx context.Context, user tintype.ID, c account.Changes) (*tintype.User, error)
	SetAvatar(ctx context.Context, user tintype.ID, src io.Reader) (*tintype.User, error)
	RemoveAvatar(ctx context.Context, user tintype.ID) (*tintype.User, error)
	Search(ctx context.Context, q string, count int) ([]tintype.ID, error)
}

// Avatars opens profile pictures.
type Avatars interface {
	OpenAvatar(ctx context.Context, user tintype.ID, key string, size int) (blob.File, error)
}

// Site is the site's settings and invites.
type Site interface {
	Site(ctx context.Context) (account.Site, error)
	SetSite(ctx context.Context, by account.Principal, c account.SiteChanges) (account.Site, error)
	Invites(ctx context.Context, by account.Principal) ([]tintype.Invite, error)
	Invite(ctx context.Context, by account.Principal, note string, good time.Duration) (tintype.Invite, error)
	DeleteInvite(ctx context.Context, by account.Principal, code string) error
}

// Apps is third-party apps and what they were granted.
type Apps interface {
	RegisterApp(ctx context.Context, owner tintype.ID, a account.NewApp) (app *tintype.App, secret string, err error)
	Apps(ctx context.Context, owner tintype.ID) ([]*tintype.App, error)
	DeleteApp(ctx context.Context, owner, app tintype.ID) error
	Grants(ctx context.Context, user tintype.ID) ([]tintype.AppGrant, error)
	RevokeGrant(ctx context.Context, user, app tintype.ID) error
}

// Clients tells which apps there are. account.Service provides it.
type Clients interface {
	// Client gives the app of a client ID, nil if there is none.
	Client(ctx context.Context, clientID string) (*tintype.App, error)
	// AppByID gives the app of an ID, nil if there is none.
	AppByID(ctx context.Context, id tintype.ID) (*tintype.App, error)
	// Called counts a call of an app, for its owner to look at.
	Called(app tintype.ID, refused bool)
}

// AppDesk is what becomes of apps once they are registered. account.Service provides it.
type AppDesk interface {
	OwnApp(ctx context.Context, owner, id tintype.ID) (*tintype.App, error)
	ChangeApp(ctx context.Context, owner, id tintype.ID, c account.AppChanges) (*tintype.App, error)
	RotateSecret(ctx context.Context, owner, id tintype.ID) (app *tintype.App, secret string, err error)
	AppUsage(ctx context.Context, owner, id tintype.ID, hours int) ([]tintype.AppCalls, error)
	AllApps(ctx context.Context, before tintype.ID, n int) ([]*tintype.App, error)
	AllowApp(ctx context.Context, id tintype.ID, p account.AppPowers) (*tintype.App, error)
}

// OAuth is the protocol by which apps get tokens.
type OAuth interface {
	CheckAuthorize(ctx context.Context, r account.AuthorizeRequest) (*account.Consent, error)
	Authorize(ctx context.Context, user tintype.ID, r account.AuthorizeRequest, shown tintype.Scope, allow bool) (redirectTo string, err error)
	Exchange(ctx context.Context, r account.TokenRequest) (account.Token, error)
	Revoke(ctx context.Context, r account.TokenRequest, token string) error
}

// People is who there is, for a viewer.
type People interface {
	Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error)
	User(ctx context.Context, viewer, id tintype.ID) (*tintype.User, error)
	UserByName(ctx context.Context, viewer tintype.ID, name string) (*tintype.User, error)
	Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error)
	Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error)
}

// Suggestions is whom one might want to follow. graph.Service provides it.
type Suggestions interface {
	Suggested(ctx context.Context, me tintype.ID, n int) ([]tintype.Suggestion, error)
	Dismiss(ctx context.Context, me, other tintype.ID, on bool) error
}

// Follows changes who follows whom.
type Follows interface {
	Follow(ctx context.Context, me, other tintype.ID) error
	Unfollow(ctx context.Context, me, other tintype.ID) error
	Approve(ctx context.Context, me, follower tintype.ID) error
	Deny(ctx context.Context, me, follower tintype.ID) error
	RemoveFollower(ctx context.Context, me, follower tintype.ID) error
	Relationship(ctx context.Context, me, other tintype.ID) (out, in string, private bool, err error)
}

// Stances is what users set between themselves and others, who do not learn of it. safety.Service provides it.
type Stances interface {
	Mute(ctx context.Context, me, other tintype.ID, activity bool) error
	Unmute(ctx context.Context, me, other tintype.ID) error
	Restrict(ctx context.Context, me, other tintype.ID) error
	Unrestrict(ctx context.Context, me, other tintype.ID) error
	Stance(ctx context.Context, me, other tintype.ID) (tintype.Stance, error)
}

// OneSided lists whom users set something against. safety.Service provides it.
type OneSided interface {
	MutedUsers(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
	RestrictedUsers(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
}

// Safety is what users set for comments and for their own feed. safety.Service provides it.
type Safety interface {
	HiddenWords(ctx context.Context, me tintype.ID) (tintype.HiddenWords, error)
	SetHiddenWords(ctx context.Context, me tintype.ID, w tintype.HiddenWords) (tintype.HiddenWords, error)
	SetCommenters(ctx context.Context, me tintype.ID, who tintype.Commenters) error
}

// Held is comments that wait for the owner of their post. post.Service provides it.
type Held interface {
	Held(ctx context.Context, owner, post tintype.ID, page tintype.Page) (comments []tintype.Comment, next tintype.ID, err error)
	Approve(ctx context.Context, owner, post, comment tintype.ID) error
}

// Blocks changes who blocks whom.
type Blocks interface {
	Block(ctx context.Context, me, other tintype.ID) error
	Unblock(ctx context.Context, me, other tintype.ID) error
}

// FollowLists lists edges; next is the cursor of the next page, 0 at the end.
type FollowLists interface {
	Followers(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
	Following(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
	Requests(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
}

// Friends is whom a user counts among their close friends. graph.Service provides it.
type Friends interface {
	SetFriend(ctx context.Context, me, other tintype.ID, on bool) error
	Friends(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
	// FriendsAmong gives those of others, in their order, whom me counts so.
	FriendsAmong(ctx context.Context, me tintype.ID, others []tintype.ID) ([]tintype.ID, error)
}

// Uploads is files on their way to becoming posts.
type Uploads interface {
	Upload(ctx context.Context, user tintype.ID, src io.Reader, size int64) (*tintype.Upload, error)
	GetUpload(ctx context.Context, user, id tintype.ID) (*tintype.Upload, error)
	OpenPreview(ctx context.Context, user, id tintype.ID) (blob.File, error)
	DeleteUpload(ctx context.Context, user, id tintype.ID) error
}

// Posts is posts and lists of posts.
type Posts interface {
	Publish(ctx context.Context, user tintype.ID, d post.Draft) (p *tintype.Post, replayed bool, err error)
	Edit(ctx context.Context, user, post tintype.ID, e post.Edit) (*tintype.Post, error)
	Delete(ctx context.Context, user, post tintype.ID) error
	Get(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, error)
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
	ByUser(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, more bool, err error)
}

// Standings is how posts stand among the others of their owner. post.Service provides it.
type Standings interface {
	Profile(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
	Archived(ctx context.Context, user tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
	Archive(ctx context.Context, user, post tintype.ID, on bool) error
	Pin(ctx context.Context, user, post tintype.ID, on bool) error
}

// Likes is who likes what.
type Likes interface {
	Like(ctx context.Context, viewer, post tintype.ID) error
	Unlike(ctx context.Context, viewer, post tintype.ID) error
	Liked(ctx context.Context, viewer tintype.ID, posts []tintype.ID) ([]bool, error)
	LikedPosts(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
	Likers(ctx context.Context, viewer, post tintype.ID, page tintype.Page) (users []tintype.ID, next tintype.ID, err error)
}

// Comments is what is said on posts.
type Comments interface {
	Comments(ctx context.Context, viewer, post tintype.ID, page tintype.Page) (comments []tintype.Comment, next tintype.ID, err error)
	AddComment(ctx context.Context, viewer, post tintype.ID, text, key string) (c *tintype.Comment, replayed bool, err error)
	DeleteComment(ctx context.Context, viewer, post, comment tintype.ID) error
	CommentTexts(ctx context.Context, posts, comments []tintype.ID) ([]string, error)
}

// Files is the bytes of posts.
type Files interface {
	OpenMedia(ctx context.Context, viewer, post tintype.ID, key, size string, accept ...imaging.Format) (*post.Picture, error)
	OpenOriginal(ctx context.Context, user, post tintype.ID, n int) (blob.File, *tintype.Media, error)
	Files(ctx context.Context, user, post tintype.ID) ([]post.Kept, error)
}

// Feed is the home feed.
type Feed interface {
	Home(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, tags map[tintype.ID]string, next tintype.ID, err error)
}

// Places is places and what was taken at them or near a point. discover.Places provides it.
type Places interface {
	Place(ctx context.Context, viewer, id tintype.ID) (*tintype.Place, error)
	Near(ctx context.Context, lat, lng, metres float64, n int) ([]tintype.Place, error)
	Search(ctx context.Context, q string, n int) ([]tintype.Place, error)
	Posts(ctx context.Context, viewer, id tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
	Nearby(ctx context.Context, viewer tintype.ID, lat, lng, metres float64, page tintype.Page) ([]tintype.NearPost, error)
	Map(ctx context.Context, viewer, id tintype.ID, box tintype.Box, zoom int) ([]tintype.MappedPost, error)
}

// Maps is users' photo maps. post.Service provides it.
type Maps interface {
	Map(ctx context.Context, viewer, user tintype.ID, box tintype.Box, zoom int) ([]tintype.MappedPost, error)
	MapPosts(ctx context.Context, viewer, user tintype.ID, box tintype.Box, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
}

// Towns is the world's towns. gazetteer.Gazetteer provides it.
type Towns interface {
	// Largest gives up to n towns in box, the largest first.
	Largest(box tintype.Box, n int) []tintype.Place
}

// Captions finds posts by what they say. discover.Captions provides it.
type Captions interface {
	Search(ctx context.Context, viewer tintype.ID, q string, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
}

// Popular lists what others liked lately. discover.Popular provides it.
type Popular interface {
	Posts(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error)
}

// Tags is tags and what has them. discover.Tags provides it.
type Tags interface {
	Tag(ctx context.Context, name string) (tintype.Tag, error)
	Search(ctx context.Context, q string, n int) ([]tintype.Tag, error)
	Posts(ctx context.Context, viewer tintype.ID, name string, page tintype.Page) (posts []*tintype.Post, newest, next tintype.ID, err error)
	Follow(ctx context.Context, user tintype.ID, name string, on bool) error
	Follows(ctx context.Context, user tintype.ID, name string) (bool, error)
	Followed(ctx context.Context, user tintype.ID) ([]tintype.Tag, error)
}

// Activities is what happened to a user.
type Activities interface {
	List(ctx context.Context, user tintype.ID, page tintype.Page) (items []tintype.Activity, next tintype.ID, err error)
	Unread(ctx context.Context, user tintype.ID) (int, error)
	Seen(ctx context.Context, user, max tintype.ID) error
}

// Saved is what users saved. collect.Saved provides it, as it does Collections.
type Saved interface {
	Save(ctx context.Context, user, post tintype.ID) error
	Unsave(ctx context.Context, user, post tintype.ID) (collections []tintype.ID, err error)
	Has(ctx context.Context, user tintype.ID, posts []tintype.ID) ([]bool, error)
	List(ctx context.Context, user tintype.ID, page tintype.Page) (collect.Kept, error)
	With(ctx context.Context, user, post tintype.ID) (saved bool, collections []tintype.ID, err error)
	Collect(ctx context.Context, user, collection, post tintype.ID, on bool) error
}

// Collections is saved posts, sorted.
type Collections interface {
	Collections(ctx context.Context, user tintype.ID) ([]collect.Collection, error)
	Collection(ctx context.Context, user, id tintype.ID) (collect.Collection, error)
	Posts(ctx context.Context, user, id tintype.ID, page tintype.Page) (collect.Kept, error)
	Add(ctx context.Context, user tintype.ID, name string) (collect.Collection, error)
	Change(ctx context.Context, user, id tintype.ID, ch collect.CollectionChanges) (collect.Collection, error)
	Delete(ctx context.Context, user, id tintype.ID) error
}

// Albums is albums of one's own posts. collect.Albums provides it.
type Albums interface {
	Of(ctx context.Context, viewer, owner tintype.ID) ([]collect.Album, error)
	Get(ctx context.Context, viewer, id tintype.ID) (collect.Album, error)
	Posts(ctx context.Context, viewer, id, after tintype.ID, n int) (posts []*tintype.Post, next tintype.ID, err error)
	Add(ctx context.Context, user tintype.ID, ch collect.AlbumChanges) (collect.Album, error)
	Change(ctx context.Context, user, id tintype.ID, ch collect.AlbumChanges) (collect.Album, error)
	Delete(ctx context.Context, user, id tintype.ID) error
}

// SecretLinks is links to posts and albums for whoever has them. collect.Links provides it.
type SecretLinks interface {
	Add(ctx context.Context, user, post, album tintype.ID, expires time.Time) (collect.Link, error)
	List(ctx context.Context, user tintype.ID) ([]collect.Link, error)
	End(ctx context.Context, user, id tintype.ID) error
	Open(ctx context.Context, token, from string, after tintype.ID, n int) (*collect.Shared, error)
	Opened(ctx context.Context, id tintype.ID)
	Through(ctx context.Context, link, post tintype.ID) (owner tintype.ID, err error)
}

// Knobs is what an operator may change while the site runs. knobs.Service provides it.
type Knobs interface {
	// Closed is an error for people while a switch is off.
	Closed(k knobs.Knob) error
	Number(k knobs.Knob) int
	List(ctx context.Context) ([]knobs.State, error)
	Change(ctx context.Context, by knobs.By, values map[string]*string) ([]knobs.State, error)
	History(ctx context.Context, name string, n int) ([]knobs.Turn, error)
}

// Storage is the room that files and databases take. storage.Service provides it.
type Storage interface {
	Usage(ctx context.Context) (storage.Usage, error)
	Mine(ctx context.Context, user tintype.ID) (map[tintype.StoredKind]int64, error)
	Room(ctx context.Context, bytes int64) error
}

// Jobs is the work that failed for good.
type Jobs interface {
	FailedJobs(ctx context.Context) ([]FailedJob, error)
	RetryJob(ctx context.Context, db, id string) error
}

// FailedJob is one job that was given up.
type FailedJob struct {
	Database, ID, Kind string
	Attempts           int
	Error              string
	Created, Failed    time.Time
}

// ReportDesk is what users report, and what was decided against them. moderate.Service provides it, as the next five.
type ReportDesk interface {
	Report(ctx context.Context, reporter tintype.ID, n moderate.NewReport) (r tintype.Report, fresh bool, err error)
	Mine(ctx context.Context, user tintype.ID, page tintype.Page) (list []tintype.Report, next tintype.ID, err error)
	Notices(ctx context.Context, user tintype.ID, page tintype.Page) (list []tintype.Decision, next tintype.ID, err error)
	Appeal(ctx context.Context, user, id tintype.ID, words string) error
}

// Suspended is what those who are suspended may still do.
type Suspended interface {
	Ticket(ctx context.Context, user tintype.ID) (string, error)
	Suspension(ctx context.Context, ticket string) ([]tintype.Decision, error)
	AppealSuspension(ctx context.Context, ticket string, id tintype.ID, words string) error
}

// Queue is what moderators look at.
type Queue interface {
	Queue(ctx context.Context, page tintype.CasePage) (list []tintype.Case, next tintype.ID, err error)
	Look(ctx context.Context, by, id tintype.ID) (*moderate.Preview, error)
	OpenPicture(ctx context.Context, by, id tintype.ID, n int) (blob.File, error)
	ReportsIn(ctx context.Context, by, id tintype.ID, page tintype.Page) (list []tintype.Report, next tintype.ID, err error)
	Claim(ctx context.Context, by, id tintype.ID, on bool) error
	Decide(ctx context.Context, by, id tintype.ID, v moderate.Verdict) error
}

// AppealDesk is what moderators look at again.
type AppealDesk interface {
	Appeals(ctx context.Context, page tintype.Page) (list []tintype.Decision, next tintype.ID, err error)
	Answer(ctx context.Context, by, id tintype.ID, grant bool, reply string) error
	Reverse(ctx context.Context, by, id tintype.ID, reason string) error
}

// Suspensions shuts users out whom nobody reported.
type Suspensions interface {
	Suspend(ctx context.Context, by tintype.ID, via string, user tintype.ID, v moderate.Verdict) error
	Lift(ctx context.Context, by tintype.ID, via string, user tintype.ID, reason string) error
}

// AuditLog is what admins and moderators did.
type AuditLog interface {
	Do(ctx context.Context, e tintype.AuditEntry, deed func() error) error
	Log(ctx context.Context, page tintype.AuditPage) (list []tintype.AuditEntry, next time.Time, err error)
}

// Members is accounts, for admins.
type Members interface {
	MembersNamed(ctx context.Context, p tintype.MemberPage) ([]tintype.Member, error)
	SetModerator(ctx context.Context, user tintype.ID, on bool) error
	ResetTwoFactor(ctx context.Context, user tintype.ID) error
}

// Answers remembers answers to requests with an Idempotency-Key, durably.
type Answers interface {
	// Result gives the answer that the same request got before; Conflict if its key was used for another.
	Result(ctx context.Context, once tintype.Once) (status int, result string, found bool, err error)
	// Keep remembers an answer.
	Keep(ctx context.Context, once tintype.Once, status int, result string) error
}
