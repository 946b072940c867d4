/**
 * Grades 8-bit sRGB pixels exactly as the server does (internal/imaging/grade): whole numbers and tables only, so that
 * what is previewed is what is stored. testdata/vectors.json over there holds the two together.
 */
import { div, luma, one, smooth, unit, units } from './curve';
import { lookOf, toneTable, type Look } from './look';
import { scaled, type Recipe } from './recipe';
import { tiltShift } from './tilt';

export type Pixels = Uint8ClampedArray | Uint8Array;

/** Grades w × h interleaved pixels in place; bands is 3, or 4 with an alpha that stays as it is. Geometry is not applied. */
export function grade(recipe: Recipe | null, pix: Pixels, w: number, h: number, bands: number): void {
  if (pix.length !== w * h * bands || bands < 3 || bands > 4) throw new RangeError('the pixels are not of that size');
  if (!recipe) return;
  const g = new Grader(recipe, w, h);
  if (!g.idle) g.apply(pix, w, h, bands);
  if (recipe.tilt_shift && recipe.tilt_shift.mode !== 'off') tiltShift(recipe.tilt_shift, pix, w, h, bands);
}

class Grader {
  private readonly look: Look | undefined;
  private readonly strength: number = unit;
  private readonly tone: readonly [Uint16Array, Uint16Array, Uint16Array] | undefined;
  private readonly saturation: number;
  private readonly gain: Uint16Array | undefined;
  private readonly across: Int32Array;
  private readonly down: Int32Array;

  constructor(r: Recipe, w: number, h: number) {
    this.saturation = units(1000 + scaled(r.saturation ?? 0, 1000));
    let vignette = scaled(r.vignette ?? 0, 1000);
    const strength = scaled(r.strength ?? 1, 1000);
    const look = strength > 0 ? lookOf(r.filter) : undefined;
    if (look) {
      this.look = look;
      this.strength = units(strength);
      vignette = Math.min(vignette + div(look.vignette * strength, 1000), 1000);
    }
    const b = scaled(r.brightness ?? 0, 1000);
    const c = scaled(r.contrast ?? 0, 1000);
    const t = scaled(r.warmth ?? 0, 1000);
    if (b || c || t) this.tone = [toneTable(b, c, t), toneTable(b, c, div(t, 8)), toneTable(b, c, -t)];
    if (vignette > 0) this.gain = gains(vignette);
    this.across = this.gain ? squares(w) : new Int32Array(0);
    this.down = this.gain ? squares(h) : new Int32Array(0);
  }

  get idle(): boolean {
    return !this.look && !this.tone && this.saturation === unit && !this.gain;
  }

  apply(pix: Pixels, w: number, h: number, bands: number): void {
    const line = new Int32Array(3 * w);
    for (let y = 0; y < h; y++) {
      const from = y * w * bands;
      if (this.look) filterLine(this.look, this.strength, line, pix, from, bands);
      else {
        for (let i = 0, p = from; i < line.length; i += 3, p += bands) {
          line[i] = pix[p]! << 4;
          line[i + 1] = pix[p + 1]! << 4;
          line[i + 2] = pix[p + 2]! << 4;
        }
      }
      if (this.tone) {
        const [r, g, b] = this.tone;
        for (let i = 0; i < line.length; i += 3) {
          line[i] = r[line[i]!]!;
          line[i + 1] = g[line[i + 1]!]!;
          line[i + 2] = b[line[i + 2]!]!;
        }
      }
      if (this.saturation !== unit) saturate(line, this.saturation);
      if (this.gain) {
        const row = this.down[y]!;
        for (let x = 0, i = 0; x < w; x++, i += 3) {
          const gain = this.gain[this.across[x]! + row]!;
          line[i] = (line[i]! * gain + 2048) >> 12;
          line[i + 1] = (line[i + 1]! * gain + 2048) >> 12;
          line[i + 2] = (line[i + 2]! * gain + 2048) >> 12;
        }
      }
      for (let i = 0, p = from; i < line.length; i += 3, p += bands) {
        pix[p] = (line[i]! + 8) >> 4;
        pix[p + 1] = (line[i + 1]! + 8) >> 4;
        pix[p + 2] = (line[i + 2]! + 8) >> 4;
      }
    }
  }
}

function gains(vignette: number): Uint16Array {
  const clear = 700;
  const gain = new Uint16Array(unit + 1);
  for (let d = 0; d <= unit; d++) {
    gain[d] = unit - div(vignette * 3200 * smooth(d - clear, unit - clear, unit), 1000 * unit);
  }
  return gain;
}

/** For each of n pixels in a line, the square of its distance from the middle; unit/2 at the ends. */
function squares(n: number): Int32Array {
  const s = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const d = 2 * i + 1 - n;
    s[i] = div(d * d * (unit / 2), n * n);
  }
  return s;
}

function hold(v: number): number {
  return v < 0 ? 0 : v > one ? one : v;
}

function filterLine(look: Look, strength: number, line: Int32Array, pix: Pixels, from: number, bands: number): void {
  const [rb, gb, bb] = look.before;
  const [ra, ga, ba] = look.after;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = look.matrix as unknown as [number, number, number, number, number, number, number, number, number];
  const rest = unit - strength;
  for (let i = 0, p = from; i < line.length; i += 3, p += bands) {
    const r = rb[pix[p]!]!;
    const g = gb[pix[p + 1]!]!;
    const b = bb[pix[p + 2]!]!;
    const nr = hold((m0 * r + m1 * g + m2 * b + 2048) >> 12);
    const ng = hold((m3 * r + m4 * g + m5 * b + 2048) >> 12);
    const nb = hold((m6 * r + m7 * g + m8 * b + 2048) >> 12);
    line[i] = (ra[nr]! * strength + pix[p]! * 16 * rest + 2048) >> 12;
    line[i + 1] = (ga[ng]! * strength + pix[p + 1]! * 16 * rest + 2048) >> 12;
    line[i + 2] = (ba[nb]! * strength + pix[p + 2]! * 16 * rest + 2048) >> 12;
  }
}

function saturate(line: Int32Array, k: number): void {
  const [lr, lg, lb] = luma;
  for (let i = 0; i < line.length; i += 3) {
    const r = line[i]!;
    const g = line[i + 1]!;
    const b = line[i + 2]!;
    const y = (lr * r + lg * g + lb * b + 2048) >> 12;
    line[i] = hold(y + (((r - y) * k + 2048) >> 12));
    line[i + 1] = hold(y + (((g - y) * k + 2048) >> 12));
    line[i + 2] = hold(y + (((b - y) * k + 2048) >> 12));
  }
}
