/** A filter, and the tone adjustments, made ready as tables; see internal/imaging/grade/apply.go. */
import { clamp, curve, div, luma, mapped, one, smooth, unit, units } from './curve';
import { filterNamed, type Filter } from './filters';

export interface Look {
  before: readonly [Uint16Array, Uint16Array, Uint16Array];
  matrix: Int32Array;
  after: readonly [Uint16Array, Uint16Array, Uint16Array];
  vignette: number;
}

const looks = new Map<string, Look>();

/** The look of a filter, made once. */
export function lookOf(name: string | undefined): Look | undefined {
  const filter = filterNamed(name);
  if (!filter) return undefined;
  let look = looks.get(filter.name);
  if (!look) looks.set(filter.name, (look = compile(filter)));
  return look;
}

function compile(f: Filter): Look {
  const tone = curve(f.tone);
  const before = [f.red, f.green, f.blue].map((points) => {
    const own = curve(points);
    const t = new Uint16Array(256);
    for (let v = 0; v < 256; v++) t[v] = clamp(own(clamp(tone(v * 16))));
    return t;
  });
  const after = [0, 1, 2].map((c) =>
    mapped((value) => {
      let v = value + div((one - value) * (f.fade ?? 0), 1000);
      if (f.tint) {
        const low = f.tint.shadows[c]!;
        const target = low * 16 + div((f.tint.highlights[c]! - low) * 16 * v, one);
        v += div((target - v) * f.tint.amount, 1000);
      }
      return v;
    }),
  );
  return {
    before: [before[0]!, before[1]!, before[2]!],
    after: [after[0]!, after[1]!, after[2]!],
    matrix: mix(f),
    vignette: f.vignette ?? 0,
  };
}

/** The filter's matrix followed by its saturation, as one. */
function mix(f: Filter): Int32Array {
  const sat = f.saturation ?? 1000;
  const cell = (row: number, col: number) => (f.matrix ? units(f.matrix[row * 3 + col]!) : row === col ? unit : 0);
  const m = new Int32Array(9);
  for (let row = 0; row < 3; row++) {
    for (let col = 0; col < 3; col++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) {
        const weight = div((1000 - sat) * luma[k]! + 500, 1000) + (row === k ? units(sat) : 0);
        sum += weight * cell(k, col);
      }
      m[row * 3 + col] = div(sum + unit / 2, unit);
    }
  }
  return m;
}

/** The table of brightness, contrast and warmth for one channel, all in -1000..1000. */
export function toneTable(brightness: number, contrast: number, warmth: number): Uint16Array {
  const dim = 160;
  const lift = (v: number, thousandths: number) => v + div(v * (one - v) * thousandths, one * 1000);
  const bright = div(brightness * 9, 10);
  const warm = div(warmth, 4);
  return mapped((value) => {
    let v = lift(value, bright);
    if (contrast > 0) v += div(contrast * (smooth(v, one, one) - v), 1000);
    else v += div((v - one / 2) * contrast, 2000);
    if (warmth > 0) return lift(v, warm);
    return v + div(v * warmth * dim, 1_000_000);
  });
}
