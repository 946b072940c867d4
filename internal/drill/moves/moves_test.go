package moves_test

import (
	"bytes"
	"testing"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/drill/moves"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/testserve"
)

func TestMoves(t *testing.T) {
	t.Parallel()
	c := app.Config{Data: t.TempDir(), Render: []string{"/bin/false"}}
	c.Fleet.Shards = 4
	c.Fleet.Redis.Servers = []string{testserve.Redis(t).Addr()}
	for _, name := range []string{"pg1", "pg2"} {
		c.Fleet.Databases = append(c.Fleet.Databases, app.Database{Name: name, DSN: testpg.Start(t)})
	}
	var out bytes.Buffer
	line, err := moves.Run(t.Context(), moves.Options{Config: c, Writers: 4, Posts: 100, Times: 2, Out: &out})
	t.Logf("%s%s", out.String(), line)
	if err != nil {
		t.Fatal(err)
	}
}
