/** The part of a map that is looked at, as the API asks for it. */
export interface View {
  /** west,south,east,north; a west above the east reaches across the antimeridian. */
  bounds: string;
  zoom: number;
}

export const wholeWorld: View = { bounds: '-180,-90,180,90', zoom: 2 };

/** Brings a longitude into -180 to 180. */
export function wrap(lng: number): number {
  return lng >= -180 && lng <= 180 ? lng : ((((lng + 180) % 360) + 360) % 360) - 180;
}

/** Bounds from degrees that may reach beyond the world's edges, as maps that can be turned around have them. */
export function boundsOf(west: number, south: number, east: number, north: number): string {
  const round = (v: number) => String(Math.round(v * 1e4) / 1e4);
  const lat = (v: number) => round(Math.max(-90, Math.min(90, v)));
  const all = east - west >= 360;
  return [all ? '-180' : round(wrap(west)), lat(south), all ? '180' : round(wrap(east)), lat(north)].join(',');
}

/** The box of several: west, south, east, north. */
export function union(boxes: readonly (readonly number[])[]): [number, number, number, number] | undefined {
  if (boxes.length === 0) return undefined;
  const at = (i: number, f: (...v: number[]) => number) => f(...boxes.map((b) => b[i] ?? 0));
  return [at(0, Math.min), at(1, Math.min), at(2, Math.max), at(3, Math.max)];
}
