package redis

import (
	"fmt"
	"testing"
)

// BenchmarkFanout compares Append with a bare pipeline, in the same run.
func BenchmarkFanout(b *testing.B) {
	for _, servers := range []int{1, 2} {
		b.Run(fmt.Sprintf("%d servers", servers), func(b *testing.B) {
			p, _ := open(b, servers)
			for b.Loop() {
				r, err := MeasureFanout(b.Context(), p, 10_000, 20)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(r.Append, "appended/s")
				b.ReportMetric(r.Bare, "bare/s")
				b.ReportMetric(r.Append/r.Bare, "ratio")
			}
		})
	}
}
