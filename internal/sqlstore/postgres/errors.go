package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tintype/tintype/internal/sqlstore"
)

// classify reads SQLSTATE codes; see PostgreSQL's Appendix A. PgBouncer gives
// its own errors (no server, no place in the queue) as 08P01.
func classify(err error) sqlstore.Code {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return classifyLink(err)
	}
	switch {
	case e.Code == "23505":
		return sqlstore.CodeUnique
	case strings.HasPrefix(e.Code, "23"):
		return sqlstore.CodeCheck
	case e.Code == "40001" || e.Code == "40P01":
		return sqlstore.CodeRetry
	case e.Code == "53100":
		return sqlstore.CodeFull
	case strings.HasPrefix(e.Code, "53"), e.Code == "55P03", e.Code == "57014":
		return sqlstore.CodeBusy
	case strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "08"), e.Code == "25006", e.Code == "25P03":
		return sqlstore.CodeDown
	case e.Code == "42P01", e.Code == "3F000", e.Code == "42883": // no such table, schema, function
		return sqlstore.CodeMoved
	case strings.HasPrefix(e.Code, "XX"):
		return sqlstore.CodeCorrupt
	}
	return sqlstore.CodeOther
}

// classifyLink tells a link that broke from the rest.
func classifyLink(err error) sqlstore.Code {
	var ne net.Error
	var ce *pgconn.ConnectError
	switch {
	case errors.As(err, &ce):
		return sqlstore.CodeDown
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return sqlstore.CodeOther
	case errors.As(err, &ne), pgconn.SafeToRetry(err):
		return sqlstore.CodeDown
	}
	for _, gone := range []error{pgx.ErrTxClosed, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone} {
		if errors.Is(err, gone) {
			return sqlstore.CodeDown
		}
	}
	return sqlstore.CodeOther
}
