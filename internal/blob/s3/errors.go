package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"syscall"

	"github.com/minio/minio-go/v7"

	"github.com/tintype/tintype/internal/tintype"
)

// errBroken is an answer that is not whole or not what was asked for; asking again may help.
var errBroken = errors.New("the S3 server's answer is not whole")

// response gives the server's error of an err, if it is one.
func response(err error) (minio.ErrorResponse, bool) {
	var r minio.ErrorResponse
	ok := errors.As(err, &r)
	return r, ok
}

// passing reports whether an error may be gone a moment later.
func passing(err error) bool {
	r, ok := response(err)
	if !ok {
		// No answer, or a broken one. An error of ours is final.
		var te *tintype.Error
		return !errors.As(err, &te)
	}
	switch r.Code {
	case "SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "OperationAborted", "BadDigest", "IncompleteBody", "ExpiredToken":
		return true
	case "ExistingObjectIsDirectory":
		// versitygw says so of every failure to put a file in its place. No name of ours is the beginning of another with
		// a slash behind it, so that it can only be that the directory went, with the last file in it, at that moment.
		return true
	}
	switch r.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// translate makes an error of the server, the network or the operating system
// one of ours, by its code.
func (s *Store) translate(doing string, err error) error {
	if err == nil {
		return nil
	}
	var te *tintype.Error
	if errors.As(err, &te) {
		return err
	}
	cause := fmt.Errorf("%s: %w", doing, err)
	fail := func(kind tintype.Kind, format string, args ...any) error {
		e := &tintype.Error{Kind: kind, Msg: fmt.Sprintf(format, args...), Err: cause}
		if kind == tintype.Unavailable {
			e.RetryAfter = 1
		}
		return e
	}
	if r, ok := response(err); ok {
		switch r.Code {
		case minio.NoSuchKey:
			return fail(tintype.NotFound, "there is no such file")
		case minio.NoSuchBucket:
			return fail(tintype.Internal, "there is no bucket %q at %s: make it, or let `tintype blob init` make it", s.c.Bucket, s.c.Endpoint)
		case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "AllAccessDisabled":
			return fail(tintype.Internal, "the S3 server at %s refuses the access key, or what it may do in bucket %q", s.c.Endpoint, s.c.Bucket)
		case minio.RequestTimeTooSkewed:
			return fail(tintype.Internal, "the clocks of this machine and of the S3 server at %s are more than 15 minutes apart: set them", s.c.Endpoint)
		case "QuotaExceeded", "XAmzQuotaExceeded", "InsufficientCapacity", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded":
			return fail(tintype.Full, "the site has no storage left")
		}
		if r.StatusCode == http.StatusInsufficientStorage {
			return fail(tintype.Full, "the site has no storage left")
		}
		if !passing(err) {
			return fail(tintype.Internal, "the file store failed")
		}
		return fail(tintype.Unavailable, "the file store does not answer; please try again")
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fail(tintype.Unavailable, "the request was given up")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fail(tintype.Full, "the site has no storage left")
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return fail(tintype.Internal, "the file store failed") // of the spool
	}
	return fail(tintype.Unavailable, "the file store does not answer; please try again")
}
