/** Tilt-shift: a sharp disc or band, the rest blurred; see internal/imaging/grade/tilt.go. */
import { div, smooth } from './curve';
import type { Pixels } from './grade';
import { scaled, type TiltShift } from './recipe';

export function tiltShift(t: TiltShift, pix: Pixels, w: number, h: number, bands: number): void {
  const soft = new Uint8Array(w * h * 3);
  for (let i = 0, p = 0; i < soft.length; i += 3, p += bands) {
    soft[i] = pix[p]!;
    soft[i + 1] = pix[p + 1]!;
    soft[i + 2] = pix[p + 2]!;
  }
  const spare = new Uint8Array(soft.length);
  const r = Math.max(1, div(Math.max(w, h) * 8 + 500, 1000));
  blur(soft, spare, w, h, r);
  const strong = soft.slice();
  blur(strong, spare, w, h, 2 * r);

  const ramp = Int32Array.from({ length: 257 }, (_, i) => smooth(i, 256, 512));
  const mask = maskOf(t, w, h);
  for (let y = 0, n = 0; y < h; y++) {
    for (let x = 0; x < w; x++, n++) {
      let m = ramp[mask(x, y)]!;
      if (m === 0) continue;
      const i = n * 3;
      const p = n * bands;
      if (m > 256) {
        m -= 256;
        for (let c = 0; c < 3; c++) pix[p + c] = (soft[i + c]! * (256 - m) + strong[i + c]! * m + 128) >> 8;
      } else {
        for (let c = 0; c < 3; c++) pix[p + c] = (pix[p + c]! * (256 - m) + soft[i + c]! * m + 128) >> 8;
      }
    }
  }
}

/** How far out of focus a pixel is, 0..256. Coordinates are doubled so that the middle of a pixel is whole. */
function maskOf(t: TiltShift, w: number, h: number): (x: number, y: number) => number {
  const side = Math.min(w, h);
  const cx = div(2 * w * scaled(t.x ?? 0.5, 1000) + 500, 1000);
  const cy = div(2 * h * scaled(t.y ?? 0.5, 1000) + 500, 1000);
  const inner = div(side * scaled(t.size ?? 0.5, 1000) + 500, 1000);
  const outer = inner + Math.max(1, div(side, 2));
  if (t.mode === 'radial') {
    const near = inner * inner;
    const far = outer * outer;
    return (x, y) => {
      const dx = 2 * x + 1 - cx;
      const dy = 2 * y + 1 - cy;
      return ramped(dx * dx + dy * dy, near, far);
    };
  }
  const angle = scaled(t.angle ?? 0, 1);
  const sin = sine(angle);
  const cos = sine(90 - angle);
  return (x, y) => ramped(Math.abs(div((2 * y + 1 - cy) * cos - (2 * x + 1 - cx) * sin, 16384)), inner, outer);
}

function ramped(d: number, inner: number, outer: number): number {
  return d <= inner ? 0 : d >= outer ? 256 : div((d - inner) * 256, outer - inner);
}

/** Of whole degrees, times 16384; no such sine is near enough to a half for a last bit to matter. */
function sine(deg: number): number {
  return Math.floor(Math.sin((deg * Math.PI) / 180) * 16384 + 0.5);
}

/** Two boxes of radius r, each across and down, in place. */
function blur(pix: Uint8Array, spare: Uint8Array, w: number, h: number, r: number): void {
  const n = 2 * r + 1;
  const mean = Uint8Array.from({ length: 255 * n + 1 }, (_, sum) => div(sum + r, n));
  for (let pass = 0; pass < 2; pass++) {
    boxAcross(spare, pix, w, h, r, mean);
    boxDown(pix, spare, w, h, r, mean);
  }
}

function boxAcross(dst: Uint8Array, src: Uint8Array, w: number, h: number, r: number, mean: Uint8Array): void {
  const last = (w - 1) * 3;
  for (let y = 0; y < h; y++) {
    for (let c = 0; c < 3; c++) {
      const from = y * w * 3 + c;
      let sum = src[from]! * (r + 1);
      for (let i = 1; i <= r; i++) sum += src[from + Math.min(i * 3, last)]!;
      let next = (r + 1) * 3;
      let gone = -r * 3;
      for (let x = 0; x <= last; x += 3) {
        dst[from + x] = mean[sum]!;
        sum += src[from + (next < last ? next : last)]! - src[from + (gone > 0 ? gone : 0)]!;
        next += 3;
        gone += 3;
      }
    }
  }
}

function boxDown(dst: Uint8Array, src: Uint8Array, w: number, h: number, r: number, mean: Uint8Array): void {
  const n = w * 3;
  const row = (y: number) => Math.min(Math.max(y, 0), h - 1) * n;
  const sums = new Int32Array(n);
  for (let y = -r; y <= r; y++) {
    const from = row(y);
    for (let i = 0; i < n; i++) sums[i]! += src[from + i]!;
  }
  for (let y = 0; y < h; y++) {
    const to = y * n;
    const gone = row(y - r);
    const next = row(y + r + 1);
    for (let i = 0; i < n; i++) {
      const sum = sums[i]!;
      dst[to + i] = mean[sum]!;
      sums[i] = sum + src[next + i]! - src[gone + i]!;
    }
  }
}
