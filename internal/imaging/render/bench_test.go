package render

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/imaging"
)

// photo is a photograph of about 12 megapixels, scaled from the one of 18 in
// Debian's mate-backgrounds.
func photo(tb testing.TB) []byte {
	const path = "/usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg"
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Skipf("the photograph of package mate-backgrounds is needed: %v", err)
	}
	if err := load(); err != nil {
		tb.Fatal(err)
	}
	im, err := decode("thumbnail_buffer", b, args{"width", "4618", "height", "10000"})
	if err != nil {
		tb.Fatal(err)
	}
	defer im.close()
	b, err = im.encode("jpegsave_buffer", args{"Q", "92"})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// cpu is the processor time of this process and of the children it has waited for.
func cpu(tb testing.TB) time.Duration {
	var sum int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			tb.Fatal(err)
		}
		sum += u.Utime.Nano() + u.Stime.Nano()
	}
	return time.Duration(sum)
}

// BenchmarkFourSizes gives the processor time of a 12-megapixel JPEG's way to its
// four renditions, in the cage and as libvips's bare chain.
func BenchmarkFourSizes(b *testing.B) {
	jpeg := photo(b)
	b.Run("raw", func(b *testing.B) {
		before := cpu(b)
		for b.Loop() {
			if _, err := RawChain(jpeg); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
	})
	for _, recipe := range []string{"", `{"straighten":3,"crop":{"x":0.1,"y":0.1,"w":0.8,"h":0.8}}`} {
		b.Run(fmt.Sprintf("caged/edits=%t", recipe != ""), func(b *testing.B) {
			before := cpu(b)
			p := newPool(imaging.Config{Children: 1})
			for b.Loop() {
				plan := imaging.Plan{Sizes: imaging.PostSizes()}
				if recipe != "" {
					plan.Recipe = []byte(recipe)
				}
				if _, err := p.Render(b.Context(), bytes.NewReader(jpeg), plan, discard); err != nil {
					b.Fatal(err)
				}
			}
			p.Close()
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

type nop struct{ io.Writer }

func (nop) Close() error { return nil }

func discard(string) (io.WriteCloser, error) { return nop{io.Discard}, nil }

// newPool is a pool of real children.
func newPool(cfg imaging.Config) *imaging.Pool {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cfg.Command, cfg.Env = []string{exe}, append(cfg.Env, childEnv+"=render")
	return imaging.New(cfg)
}
