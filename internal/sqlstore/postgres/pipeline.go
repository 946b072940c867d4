package postgres

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tintype/tintype/internal/sqlstore"
)

// pipeline implements sqlstore.Dialect.Pipeline: the statements go in one message to
// the server and the answers come back in another.
func pipeline(ctx context.Context, conn *sql.Conn, asks []sqlstore.Ask) error {
	return conn.Raw(func(dc any) error {
		c, ok := dc.(*stdlib.Conn)
		if !ok {
			return errors.New("not a connection of pgx")
		}
		b := &pgx.Batch{}
		for _, a := range asks {
			b.Queue(a.Text, a.Args...)
		}
		sent := c.Conn().SendBatch(ctx, b)
		err := answers(sent, asks)
		if e := sent.Close(); err == nil {
			err = e
		}
		return err
	})
}

func answers(sent pgx.BatchResults, asks []sqlstore.Ask) error {
	for _, a := range asks {
		rows, err := sent.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			if a.Row == nil {
				continue
			}
			if err := a.Row(rows.Scan); err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}
