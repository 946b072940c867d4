package control

import (
	"context"
	"encoding/json"

	"github.com/tintype/tintype/internal/app"
)

// Originals is how far a verification of the originals is, and which of them
// are not as they were since it was last told.
type Originals struct {
	app.Originals
	Found []string `json:"found,omitempty"`
}

func verifyOriginals(ctx context.Context, a *app.App, _ bool, _ nothing, out func(any) error) error {
	sum, err := a.VerifyOriginals(ctx, func(sum app.Originals, bad []string) error {
		return out(Originals{Originals: sum, Found: bad})
	})
	if err != nil {
		return err
	}
	return out(Originals{Originals: sum})
}

// VerifyOriginals reads every original and holds it against its upload's hash.
// f is told how far it is; the last sum is also returned.
func (o *Operator) VerifyOriginals(ctx context.Context, f func(Originals) error) (Originals, error) {
	var last Originals
	err := o.call(ctx, "verify-originals", nothing{}, func(raw json.RawMessage) error {
		last = Originals{}
		if err := json.Unmarshal(raw, &last); err != nil {
			return err
		}
		return f(last)
	})
	return last, err
}
