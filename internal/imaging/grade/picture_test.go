package grade

// picture makes w × h pixels to grade: "noise", repeatable by seed, or
// "gradient", in which every channel runs through its whole range.
func picture(kind string, w, h, bands int, seed uint32) []byte {
	pix := make([]byte, 0, w*h*bands)
	for y := range h {
		for x := range w {
			var px [3]byte
			if kind == "noise" {
				for c := range px {
					seed = seed*1664525 + 1013904223
					px[c] = byte(seed >> 24)
				}
			} else {
				px = [3]byte{byte(x * 255 / max(w-1, 1)), byte(y * 255 / max(h-1, 1)), byte((x + y) * 255 / max(w+h-2, 1))}
			}
			pix = append(pix, px[:]...)
			if bands == 4 {
				pix = append(pix, byte(x*7+y*3))
			}
		}
	}
	return pix
}
