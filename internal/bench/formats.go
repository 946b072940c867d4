package bench

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"

	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/imaging"
)

// photographs are those of Debian's mate-backgrounds, of many kinds.
const photographs = "/usr/share/backgrounds/mate/nature/*.jpg"

// tried are the formats, and the efforts, that renditions might be made with.
// Without options they are as the site makes them.
func tried() []struct {
	name    string
	format  imaging.Format
	options []string
} {
	return []struct {
		name    string
		format  imaging.Format
		options []string
	}{
		{name: "JPEG", format: imaging.JPEG},
		{name: "WebP", format: imaging.WebP},
		{name: "WebP, effort 4", format: imaging.WebP, options: []string{"effort", "4"}},
		{name: "WebP, effort 6", format: imaging.WebP, options: []string{"effort", "6"}},
		{name: "AVIF", format: imaging.AVIF},
		{name: "AVIF, effort 1", format: imaging.AVIF, options: []string{"effort", "1"}},
		{name: "AVIF, effort 0", format: imaging.AVIF, options: []string{"effort", "0"}},
		{name: "AVIF, effort 4", format: imaging.AVIF, options: []string{"effort", "4"}},
	}
}

// formats measures what a rendition of 1080 pixels weighs, costs and looks like in
// each format, on the demo's pictures and on photographs.
func (b *Bench) formats(ctx context.Context) ([]Row, error) {
	demos, err := drawn(8)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(photographs)
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("the photographs of Debian's package mate-backgrounds are needed: %w", err)
	}
	var photos [][]byte
	for _, f := range files {
		p, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		photos = append(photos, p)
	}
	var rows []Row
	for _, set := range []struct {
		name     string
		pictures [][]byte
	}{{"demo", demos}, {"photographs", photos}} {
		var base outcome
		for _, t := range tried() {
			got, err := b.try(ctx, set.pictures, t.format, t.options)
			if err != nil {
				return rows, fmt.Errorf("%s: %w", t.name, err)
			}
			if t.name == "JPEG" {
				base = got
			}
			n := float64(len(set.pictures))
			rows = append(rows,
				beside(fmt.Sprintf("%s, %s: bytes of 1080 px", set.name, t.name), "kB", got.bytes/n/1000, base.bytes/n/1000),
				beside(fmt.Sprintf("%s, %s: time to encode it", set.name, t.name), "ms CPU", got.ms/n, base.ms/n),
				shown(fmt.Sprintf("%s, %s: likeness (SSIM of luma)", set.name, t.name), "", got.ssim/n))
		}
	}
	return rows, nil
}

// drawn are pictures of the demo as files that a camera might have made.
func drawn(n int) ([][]byte, error) {
	var out [][]byte
	for i := range n {
		var f bytes.Buffer
		if err := jpeg.Encode(&f, demo.Draw(uint64(i+1), 2160, 1620), &jpeg.Options{Quality: 95}); err != nil {
			return nil, err
		}
		out = append(out, f.Bytes())
	}
	return out, nil
}

// outcome is the sum over some pictures.
type outcome struct{ bytes, ms, ssim float64 }

func (b *Bench) try(ctx context.Context, pictures [][]byte, f imaging.Format, options []string) (sum outcome, err error) {
	for _, p := range pictures {
		if ctx.Err() != nil {
			return sum, ctx.Err()
		}
		encode, err := b.Trial(p, imaging.Width(imaging.Size1080))
		if err != nil {
			return sum, err
		}
		lossless, err := encode(imaging.JPEG, "Q", "100")
		if err != nil {
			return sum, err
		}
		before := ownCPU()
		file, err := encode(f, options...)
		if err != nil {
			return sum, err
		}
		sum.ms += float64((ownCPU() - before).Microseconds()) / 1000
		sum.bytes += float64(len(file))
		was, w, h, err := b.Pixels(lossless)
		if err != nil {
			return sum, err
		}
		is, _, _, err := b.Pixels(file)
		if err != nil {
			return sum, err
		}
		sum.ssim += ssim(was, is, w, h)
	}
	return sum, nil
}

// ssim is the mean structural similarity of the luma of two pictures over blocks
// of 8 × 8 (Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment", 2004).
func ssim(a, b []byte, w, h int) float64 {
	const side, c1, c2 = 8, 6.5025, 58.5225
	luma := func(p []byte, at int) float64 {
		return 0.299*float64(p[at]) + 0.587*float64(p[at+1]) + 0.114*float64(p[at+2])
	}
	var total, blocks float64
	for y := 0; y+side <= h; y += side {
		for x := 0; x+side <= w; x += side {
			var sa, sb, saa, sbb, sab float64
			for dy := range side {
				for dx := range side {
					at := ((y+dy)*w + x + dx) * 3
					va, vb := luma(a, at), luma(b, at)
					sa, sb, saa, sbb, sab = sa+va, sb+vb, saa+va*va, sbb+vb*vb, sab+va*vb
				}
			}
			const n = side * side
			ma, mb := sa/n, sb/n
			total += (2*ma*mb + c1) * (2*(sab/n-ma*mb) + c2) / ((ma*ma + mb*mb + c1) * (saa/n - ma*ma + sbb/n - mb*mb + c2))
			blocks++
		}
	}
	if blocks == 0 {
		return 1
	}
	return total / blocks
}
