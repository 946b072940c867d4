package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var stmtAccountsList = &Stmt{Name: "accounts.list", SQL: `
	SELECT a.user_id, coalesce(n.username, ''), coalesce(a.email, ''), a.admin, a.state, a.created
	FROM {s}accounts a LEFT JOIN {s}names n ON n.user_id = a.user_id AND n.state <> 0
	WHERE a.user_id > $1 ORDER BY a.user_id LIMIT $2`}

// Members lists up to limit accounts with an ID above after, the oldest first,
// for the operator. Of the profile only the username is filled in.
func (a Accounts) Members(ctx context.Context, after tintype.ID, limit int) ([]tintype.Member, error) {
	var out []tintype.Member
	err := a.R.Directory().Query(ctx, stmtAccountsList, func(scan Scan) error {
		var m tintype.Member
		var created int64
		if err := scan(&m.Account.UserID, &m.User.Username, &m.Account.Email, &m.Account.Admin, &m.Account.State, &created); err != nil {
			return err
		}
		m.User.ID, m.Account.Created = m.Account.UserID, FromMicros(created)
		out = append(out, m)
		return nil
	}, after, limit)
	return out, err
}
