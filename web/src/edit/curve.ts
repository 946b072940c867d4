/** Whole-number curves and tables; see internal/imaging/grade/curve.go, whose every rounding is kept here. */

/** Values between the 8-bit ends are 0..one, sixteen steps to each. */
export const one = 255 * 16;
/** 1 in the fixed-point fractions that values are multiplied by. */
export const unit = 4096;
/** What red, green and blue give to luma, in units. */
export const luma = [871, 2929, 296] as const;

/** a/b rounded down; exact, because no operand here reaches 2^53. */
export function div(a: number, b: number): number {
  return Math.floor(a / b);
}

export function clamp(v: number): number {
  return v < 0 ? 0 : v > one ? one : v;
}

/** Thousandths as fixed point. */
export function units(thousandths: number): number {
  return div(thousandths * unit + 500, 1000);
}

/** 0 at 0 and top at n, flat at both ends. */
export function smooth(t: number, n: number, top: number): number {
  const u = t < 0 ? 0 : t > n ? n : t;
  return div(u * u * (3 * n - 2 * u) * top, n * n * n);
}

export function mapped(f: (v: number) => number): Uint16Array {
  const t = new Uint16Array(one + 1);
  for (let v = 0; v <= one; v++) t[v] = clamp(f(v));
  return t;
}

/** The smooth curve through control points [in, out] of 0..255; no points: the straight line. */
export function curve(points: readonly (readonly number[])[] = []): (v: number) => number {
  const n = points.length;
  if (n === 0) return (v) => v;
  const xs = points.map((p) => p[0]! * 16);
  const ys = points.map((p) => p[1]! * 16);
  const slopes = slopesAt(xs, ys);
  return (v) => {
    if (v <= xs[0]!) return ys[0]!;
    for (let i = 1; i < n; i++) {
      if (v <= xs[i]!) return hermite(v - xs[i - 1]!, xs[i]! - xs[i - 1]!, ys[i - 1]!, ys[i]!, slopes[i - 1]!, slopes[i]!);
    }
    return ys[n - 1]!;
  };
}

function slopesAt(xs: number[], ys: number[]): number[] {
  const n = xs.length;
  const m = new Array<number>(n).fill(0);
  if (n < 2) return m;
  const secant = (i: number) => div((ys[i + 1]! - ys[i]!) * unit, xs[i + 1]! - xs[i]!);
  m[0] = secant(0);
  m[n - 1] = secant(n - 2);
  for (let i = 1; i < n - 1; i++) {
    const a = secant(i - 1);
    const b = secant(i);
    if (a * b > 0) m[i] = div(2 * a * b, a + b);
  }
  return m;
}

function hermite(x: number, h: number, y0: number, y1: number, m0: number, m1: number): number {
  const q = 65536;
  const t = div(x * q, h);
  const t2 = div(t * t, q);
  const t3 = div(t2 * t, q);
  const sum = m0 * h * (t - 2 * t2 + t3) + (y1 - y0) * unit * (3 * t2 - 2 * t3) + m1 * h * (t3 - t2);
  return y0 + div(sum + (unit * q) / 2, unit * q);
}
