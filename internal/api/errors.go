package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/tintype/tintype/internal/tintype"
)

// shown is how a kind of error looks from outside.
type shown struct {
	status int
	typ    string
}

// errorTable maps every kind; a missing entry is Internal.
var errorTable = map[tintype.Kind]shown{
	tintype.Internal:         {http.StatusInternalServerError, "APIError"},
	tintype.Invalid:          {http.StatusBadRequest, "APIInvalidParametersError"},
	tintype.NotFound:         {http.StatusBadRequest, "APINotFoundError"}, // 400, as the original
	tintype.NotAllowed:       {http.StatusBadRequest, "APINotAllowedError"},
	tintype.Unauthenticated:  {http.StatusBadRequest, "OAuthAccessTokenException"},
	tintype.Forbidden:        {http.StatusForbidden, "OAuthPermissionsException"},
	tintype.Conflict:         {http.StatusConflict, "APIConflictError"},
	tintype.TooLarge:         {http.StatusRequestEntityTooLarge, "APITooLargeError"},
	tintype.UnsupportedMedia: {http.StatusUnsupportedMediaType, "APIUnsupportedMediaError"},
	tintype.Unprocessable:    {http.StatusUnprocessableEntity, "APIInvalidMediaError"},
	tintype.RateLimited:      {http.StatusTooManyRequests, "OAuthRateLimitException"},
	tintype.Unavailable:      {http.StatusServiceUnavailable, "APIUnavailableError"},
	tintype.Full:             {http.StatusInsufficientStorage, "APIStorageFullError"},
}

// statusError is an error of HTTP itself, which no rule has a kind for.
type statusError struct {
	shown
	msg string
}

func (e *statusError) Error() string { return e.msg }

var (
	errNoRoute  = &statusError{shown{http.StatusNotFound, "APINotFoundError"}, "there is nothing at this address"}
	errMethod   = &statusError{shown{http.StatusMethodNotAllowed, "APIMethodNotAllowedError"}, "this address does not take that method"}
	errOptions  = &statusError{shown{http.StatusNoContent, ""}, "an answer to OPTIONS"} // no error, but as far as it goes
	errNoMedia  = &statusError{shown{http.StatusNotFound, "APINotFoundError"}, "there is no such picture"}
	errTooLarge = &tintype.Error{Kind: tintype.TooLarge, Msg: "the request is larger than this address takes"}

	// In the original's words, which its clients know.
	errNoCredential  = &statusError{shown{http.StatusBadRequest, "OAuthParameterException"}, "Missing client_id or access_token URL parameter."}
	errNoToken       = &statusError{shown{http.StatusBadRequest, "OAuthParameterException"}, `"access_token" URL parameter missing. This OAuth request requires an "access_token" URL parameter.`}
	errNoSelf        = &statusError{shown{http.StatusBadRequest, "OAuthParameterException"}, "'self' keyword requires an authenticated user"}
	errNoClient      = &statusError{shown{http.StatusBadRequest, "OAuthParameterException"}, "The client_id provided is invalid and does not match a valid application."}
	errCredential    = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "The access_token provided is invalid."}
	errConflicting   = &tintype.Error{Kind: tintype.Invalid, Msg: "the request carries two different credentials; please send one"}
	errSessionOnly   = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is only for a session of the site itself, not for apps"}
	errAdminOnly     = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is only for admins of the site"}
	errModeratorOnly = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is only for moderators and admins of the site"}
	errCrossOrigin   = &tintype.Error{Kind: tintype.Forbidden, Msg: "this request came from another site and was refused"}
)

// resolve gives what to show of err: status, type, sentence, field and seconds to wait.
func resolve(err error) (s shown, msg, field string, retry int) {
	var se *statusError
	if errors.As(err, &se) {
		return se.shown, se.msg, "", 0
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		err = errTooLarge
	}
	kind := tintype.KindOf(err)
	var e *tintype.Error
	if errors.As(err, &e) {
		msg, field, retry = e.Msg, e.Field, e.RetryAfter
	}
	s, known := errorTable[kind]
	if !known || kind == tintype.Internal {
		return errorTable[tintype.Internal], "something went wrong on our side; it was written down for the people who run this site", "", 0
	}
	if msg == "" {
		msg = kind.String()
	}
	if kind == tintype.RateLimited && retry == 0 {
		retry = 60
	}
	return s, msg, field, retry
}

// fail answers with an error, if nothing was answered yet.
func (a *API) fail(c *call, err error) {
	s, msg, field, retry := resolve(err)
	if s.status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		a.cfg.Log.ErrorContext(c.r.Context(), "request failed", "method", c.r.Method, "route", c.r.Pattern, "request", c.r.Header.Get(requestIDHeader), "error", err)
	}
	if c.wrote {
		return // the answer had begun: the connection is closed by server's hand, not mended
	}
	h := c.w.Header()
	for _, k := range [...]string{"Etag", "Last-Modified", "Content-Disposition", "Content-Security-Policy"} {
		h.Del(k)
	}
	h["Cache-Control"] = headerNoStore
	if retry > 0 {
		h.Set("Retry-After", strconv.Itoa(retry))
	}
	b := c.begin()
	if c.bare {
		b = append(b, '{')
	} else {
		b = append(b, `{"meta":{`...)
	}
	b = append(b, `"code":`...)
	b = appendInt(b, int64(s.status))
	b = append(b, `,"error_type":`...)
	b = appendString(b, s.typ)
	b = append(b, `,"error_message":`...)
	b = appendString(b, msg)
	if field != "" {
		b = append(b, `,"field":`...)
		b = appendString(b, field)
	}
	if c.bare {
		b = append(b, '}')
	} else {
		b = append(b, `}}`...)
	}
	c.send(s.status, b)
}
