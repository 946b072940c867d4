package bench

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"

	"github.com/tintype/tintype/internal/drill"
)

// promised are the drills whose outcome is among the numbers.
func promised() []string { return []string{"rolling", "memcached", "redis", "s3"} }

// drills does drills on a fleet of their own. Each is a row, in the drill's words, that is met if the drill held:
// no failed request, and p99 back to what it was within a minute by itself.
func (b *FleetBench) drills(ctx context.Context) ([]Row, error) {
	var said bytes.Buffer
	err := drill.Run(ctx, drill.Config{Dir: filepath.Join(b.Dir, "fleet-drills"), Tools: b.Tools, Names: promised(), Out: &said, Log: b.Out})
	var rows []Row
	for line := range strings.Lines(said.String()) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !contains(promised(), name) {
			continue
		}
		rest, held := strings.CutSuffix(strings.TrimSpace(rest), ": held")
		rows = append(rows, Row{Work: "drill " + name, Got: strings.TrimSpace(rest), Limit: "–", Target: "0 failed, p99 back within 60 s", Met: held})
	}
	if len(rows) == len(promised()) {
		err = nil // each has its row, also those that did not hold
	}
	return rows, err
}
