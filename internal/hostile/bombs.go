package hostile

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/jpeg"
	"slices"
)

// bombItems are B15 to B25: what is small and would become large.
func bombItems() []Item {
	any := []int{success, badFile, tooLarge, otherKind}
	return []Item{
		{ID: "B15", What: "a PNG of 65535 × 65535 in few bytes", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "PNG", pngOf(65535, 65535, 1, 0, chunk("IDAT", zipped(make([]byte, 1<<20)))), tooLarge)
		}},
		{ID: "B16", What: "a PNG of 2³¹−1 × 1", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "PNG", pngOf(1<<31-1, 1, 1, 0, chunk("IDAT", zipped(nil))), tooLarge, badFile)
		}},
		{ID: "B17", What: "pictures without width or height, or 1 × 1,000,000", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "0 × 0", pngOf(0, 0, 8, 2, chunk("IDAT", zipped(nil))), badFile)
			r.refuse(ctx, "0 × 9", pngOf(0, 9, 8, 2, chunk("IDAT", zipped(nil))), badFile)
			r.maybe(ctx, "1 × 1,000,000", pngOf(1, 1000000, 8, 0, chunk("IDAT", zipped(make([]byte, 2000000)))), any)
			r.refuse(ctx, "JPEG 0 × 0", resized(photo("0"), 0, 0), badFile)
		}},
		{ID: "B18", What: "an AVIF that says 17000 × 17000", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "AVIF", saysSize(anAVIF, 17000, 17000), tooLarge, badFile)
		}},
		{ID: "B19", What: "HEICs whose said size is not that of their pixels", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "2³¹−1", saysSize(aHEIC, 1<<31-1, 1<<31-1), tooLarge, badFile)
			r.maybe(ctx, "one pixel", saysSize(aHEIC, 1, 1), any)
			r.maybe(ctx, "larger", saysSize(aHEIC, 5000, 5000), any)
		}},
		{ID: "B20", What: "a WebP whose canvas is 16383 × 16383", Do: func(ctx context.Context, r *Round) {
			vp8x := []byte("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xfe\x3f\x00\xfe\x3f\x00")
			b := slices.Concat(aWebP[:12], vp8x, aWebP[12:])
			binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
			r.refuse(ctx, "WebP", b, tooLarge, badFile)
		}},
		{ID: "B21", What: "GIFs of many frames, and of a huge screen", Do: func(ctx context.Context, r *Round) {
			r.maybe(ctx, "frames", aGIF(1, 1, r.many(100000)), any)
			g := aGIF(16, 16, 1)
			copy(g[6:], "\xff\xff\xff\xff")
			r.maybe(ctx, "screen", g, any)
		}},
		{ID: "B22", What: "a PNG that says it has 100,000 frames", Do: func(ctx context.Context, r *Round) {
			r.maybe(ctx, "APNG", withChunks(aPNG("a"), chunk("acTL", []byte{0, 1, 0x86, 0xa0, 0, 0, 0, 0})), any)
		}},
		{ID: "B23", What: "PNGs with 100 MB in the pixels, texts and profile of few kB", Do: func(ctx context.Context, r *Round) {
			zeros := zipped(make([]byte, 100<<20))
			r.maybe(ctx, "IDAT", pngOf(64, 64, 8, 0, chunk("IDAT", zeros)), any)
			r.maybe(ctx, "zTXt", withChunks(aPNG("z"), chunk("zTXt", append([]byte("Comment\x00\x00"), zeros...))), any)
			r.maybe(ctx, "iTXt", withChunks(aPNG("i"), chunk("iTXt", append([]byte("Comment\x00\x01\x00\x00\x00"), zeros...))), any)
			r.maybe(ctx, "iCCP", withChunks(aPNG("p"), chunk("iCCP", append([]byte("icc\x00\x00"), zeros...))), any)
		}},
		{ID: "B24", What: "JPEGs of odd codings and many restart markers", Do: func(ctx context.Context, r *Round) {
			b := photo("sof")
			at := bytes.Index(b, []byte{0xff, 0xc0})
			for _, sof := range []byte{0xc1, 0xc3, 0xc9, 0xcb} { // extended, lossless, arithmetic
				odd := slices.Clone(b)
				odd[at+1] = sof
				r.maybe(ctx, "frame "+string("0123456789abcdef"[sof&15]), odd, any)
			}
			deep := slices.Clone(b)
			deep[at+4] = 12
			r.maybe(ctx, "12 bits", deep, any)
			r.maybe(ctx, "restarts", slices.Concat(b[:len(b)-2], bytes.Repeat([]byte{0xff, 0xd0}, 100000), b[len(b)-2:]), any)
			scan := bytes.Index(b, []byte{0xff, 0xda})
			r.maybe(ctx, "scans", slices.Concat(b[:len(b)-2], bytes.Repeat(b[scan:len(b)-2], r.many(2000)), b[len(b)-2:]), any)
		}},
		{ID: "B25", What: "a JPEG of 65500 × 65500 in few bytes", Do: func(ctx context.Context, r *Round) {
			var b bytes.Buffer
			must(0, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 16)), nil))
			r.refuse(ctx, "JPEG", resized(b.Bytes(), 65500, 65500), tooLarge)
			r.refuse(ctx, "just within the limit", resized(b.Bytes(), 9900, 9900), badFile)
		}},
	}
}
