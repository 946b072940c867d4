/** Lines on the square of the web's maps (EPSG:3857), from 0 to 1 either way, and drawing the part of one that a tile shows. */
export interface Line {
  /** x and y by turns. */
  points: Float64Array;
  west: number;
  north: number;
  east: number;
  south: number;
}

const edge = 85.0511287798066;

/**
 * From degrees, as GeoJSON has them: longitude and latitude. A step of more than half the world goes the other way around, over the antimeridian:
 * such a line leaves the square. A ring around a pole is closed beyond the edge of the map.
 */
export function line(degrees: readonly (readonly number[])[]): Line {
  const xy: number[] = [];
  let turn = 0; // how often the line went around
  let before = degrees[0]?.[0] ?? 0;
  for (const [lng = 0, lat = 0] of degrees) {
    if (Math.abs(lng - before) > 180) turn -= Math.sign(lng - before);
    before = lng;
    const s = Math.sin((Math.max(-edge, Math.min(edge, lat)) * Math.PI) / 180);
    xy.push((lng + 180) / 360 + turn, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI));
  }
  const [first, end] = [degrees[0], degrees.at(-1)];
  if (turn !== 0 && first?.[0] === end?.[0] && first?.[1] === end?.[1]) {
    const pole = (first?.[1] ?? 0) < 0 ? 1.5 : -0.5;
    xy.push(xy.at(-2) ?? 0, pole, xy[0] ?? 0, pole);
  }
  const l: Line = { points: Float64Array.from(xy), west: Infinity, north: Infinity, east: -Infinity, south: -Infinity };
  for (let i = 0; i < xy.length; i += 2) {
    const x = xy[i] ?? 0;
    const y = xy[i + 1] ?? 0;
    l.west = Math.min(l.west, x);
    l.east = Math.max(l.east, x);
    l.north = Math.min(l.north, y);
    l.south = Math.max(l.south, y);
  }
  return l;
}

/** Tile x, y of `scale` tiles either way, `size` pixels wide. */
export interface View {
  x: number;
  y: number;
  scale: number;
  size: number;
}

/** What is drawn beyond a tile's edge, in tiles, so that strokes along it are not seen. */
const margin = 0.05;

/** Adds a line to a path. Of points in a row that lie beyond the same edge of the tile only the first and the last are taken: what is between is not seen. */
export function shape(path: Path, l: Line, v: View, closed: boolean): void {
  // A line that leaves the square on one side comes back on the other.
  for (let turn = Math.floor(l.west); turn < l.east; turn++) once(path, l, { ...v, x: v.x + turn * v.scale }, closed);
}

type Path = Pick<Path2D, 'moveTo' | 'lineTo' | 'closePath'>;

function once(path: Path, l: Line, v: View, closed: boolean): void {
  const x0 = (v.x - margin) / v.scale;
  const x1 = (v.x + 1 + margin) / v.scale;
  const y0 = (v.y - margin) / v.scale;
  const y1 = (v.y + 1 + margin) / v.scale;
  if (l.east < x0 || l.west > x1 || l.south < y0 || l.north > y1) return;
  const { points } = l;
  let begun = false;
  const to = (x: number, y: number) => {
    const px = (x * v.scale - v.x) * v.size;
    const py = (y * v.scale - v.y) * v.size;
    if (begun) path.lineTo(px, py);
    else path.moveTo(px, py);
    begun = true;
  };
  const side = (x: number, y: number) => (x < x0 ? 1 : x > x1 ? 2 : 0) | (y < y0 ? 4 : y > y1 ? 8 : 0);
  let last = 0; // the side of the last point taken or passed over
  let skipped = -1;
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i] ?? 0;
    const y = points[i + 1] ?? 0;
    const s = side(x, y);
    if (i > 0 && s !== 0 && (s & last) !== 0) {
      last &= s;
      skipped = i;
      continue;
    }
    if (skipped >= 0) to(points[skipped] ?? 0, points[skipped + 1] ?? 0);
    skipped = -1;
    to(x, y);
    last = s;
  }
  if (skipped >= 0) to(points[skipped] ?? 0, points[skipped + 1] ?? 0);
  if (closed) path.closePath();
}
