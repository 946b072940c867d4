/** The site's own base map: land and borders of Natural Earth, drawn into tiles. Nobody else is asked for anything. */
import * as L from 'leaflet';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import coarse from 'world-atlas/countries-110m.json?url';
import fine from 'world-atlas/countries-10m.json?url';
import middle from 'world-atlas/countries-50m.json?url';
import { line, shape, type Line } from './geometry';

type Atlas = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

interface World {
  land: Line[];
  borders: Line[];
}

const loading = new Map<string, Promise<World>>();

/** The world in the detail that a zoom shows; each is fetched once. */
function world(zoom: number): Promise<World> {
  const url = zoom < 4 ? coarse : zoom < 7 ? middle : fine;
  let w = loading.get(url);
  if (!w) {
    w = fetchWorld(url);
    loading.set(url, w);
    w.catch(() => loading.delete(url));
  }
  return w;
}

async function fetchWorld(url: string): Promise<World> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const atlas = (await answer.json()) as Atlas;
  const land: Line[] = [];
  for (const f of feature(atlas, atlas.objects.land).features) {
    const g = f.geometry;
    if (g.type === 'Polygon') land.push(...g.coordinates.map(line));
    else if (g.type === 'MultiPolygon') land.push(...g.coordinates.flat().map(line));
  }
  const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b).coordinates.map(line);
  return { land, borders };
}

export interface Colours {
  sea: string;
  land: string;
  shore: string;
  border: string;
}

/** Tiles of the base map in the colours that `colours` gives at the time. */
export function baseLayer(colours: () => Colours): L.GridLayer {
  const Layer = L.GridLayer.extend({
    createTile(this: L.GridLayer, at: L.Coords, done: L.DoneCallback): HTMLElement {
      const tile = document.createElement('canvas');
      const size = this.getTileSize().x;
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      tile.width = tile.height = size * ratio;
      world(at.z).then(
        (w) => {
          draw(tile, w, at, size, ratio, colours());
          done(undefined, tile);
        },
        (e: unknown) => done(e instanceof Error ? e : new Error(String(e)), tile),
      );
      return tile;
    },
  }) as unknown as new (o: L.GridLayerOptions) => L.GridLayer;
  return new Layer({ minZoom: 1, maxZoom: 18, keepBuffer: 1 });
}

function draw(tile: HTMLCanvasElement, w: World, at: L.Coords, size: number, ratio: number, c: Colours): void {
  const g = tile.getContext('2d');
  if (!g) return;
  const view = { x: at.x, y: at.y, scale: 2 ** at.z, size };
  g.scale(ratio, ratio);
  g.fillStyle = c.sea;
  g.fillRect(0, 0, size, size);
  const land = new Path2D();
  for (const l of w.land) shape(land, l, view, true);
  g.fillStyle = c.land;
  g.fill(land, 'evenodd');
  g.lineJoin = 'round';
  g.strokeStyle = c.shore;
  g.lineWidth = 1;
  g.stroke(land);
  const borders = new Path2D();
  for (const l of w.borders) shape(borders, l, view, false);
  g.strokeStyle = c.border;
  g.lineWidth = at.z < 4 ? 0.7 : 1;
  g.setLineDash(at.z < 4 ? [] : [4, 3]);
  g.stroke(borders);
}
