package control

import (
	"context"
	"encoding/json"

	"github.com/tintype/tintype/internal/app"
)

// mailTo is who gets a letter, and then where it went.
type mailTo struct {
	Address string `json:"address"`
}

func testMail(ctx context.Context, a *app.App, _ bool, in mailTo, out func(any) error) error {
	if err := a.Account.TestMail(ctx, in.Address); err != nil {
		return err
	}
	return out(mailTo{a.MailTo()})
}

// TestMail sends a letter to see whether it arrives, and says where it went: to a mail server or into a directory.
func (o *Operator) TestMail(ctx context.Context, address string) (to string, err error) {
	err = o.call(ctx, "test-mail", mailTo{address}, func(raw json.RawMessage) error {
		var got mailTo
		err := json.Unmarshal(raw, &got)
		to = got.Address
		return err
	})
	return to, err
}
