package drill

import (
	"context"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/drill/moves"
)

// moveShards moves a logical shard to and fro while people write to it.
func moveShards(ctx context.Context, s *Site) (string, error) {
	c := app.Config{Render: []string{"/bin/false"}} // nothing is rendered by this process
	if err := c.ReadFile(s.Fleet.ConfigFile()); err != nil {
		return "", err
	}
	o := moves.Options{Config: c, URLs: []string{s.Fleet.URL()}, Out: s.log}
	if s.short {
		o.Times, o.Posts = 2, 200
	}
	return moves.Run(ctx, o)
}
