package demo

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestDrawRepeatable(t *testing.T) {
	t.Parallel()
	a, b := Draw(7, 200, 150), Draw(7, 200, 150)
	if !bytes.Equal(a.Pix, b.Pix) {
		t.Error("the same seed gives another picture")
	}
	if bytes.Equal(a.Pix, Draw(8, 200, 150).Pix) {
		t.Error("another seed gives the same picture")
	}
}

// Every scene must be a picture: opaque, and of more than a few tones.
func TestScenes(t *testing.T) {
	t.Parallel()
	for i, s := range scenes() {
		m := s(rand.New(rand.NewPCG(1, uint64(i))), 160, 120)
		tones := map[uint8]bool{}
		for p := 0; p < len(m.Pix); p += 4 {
			if m.Pix[p+3] != 255 {
				t.Fatalf("scene %d leaves a hole at %d", i, p/4)
			}
			tones[m.Pix[p+1]] = true
		}
		if len(tones) < 24 {
			t.Errorf("scene %d has only %d tones of green", i, len(tones))
		}
	}
}
