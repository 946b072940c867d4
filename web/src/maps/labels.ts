import * as L from 'leaflet';
import type { Place } from '../api/types';
import type { MappedMedia } from './api';

/** Names of towns where they do not cover one another; the largest come first. For eyes only: they say nothing that the photos' own words do not. */
export function labels(map: L.Map, towns: readonly Place[], photos: readonly MappedMedia[]): L.LayerGroup {
  const most = Math.max(8, Math.round((map.getSize().x * map.getSize().y) / 26_000));
  const beside = (longitude: number) => longitude + 360 * Math.round((map.getCenter().lng - longitude) / 360);
  const taken = photos.map(({ cluster: c }) => {
    const at = map.latLngToContainerPoint([c.latitude, beside(c.longitude)]);
    return L.bounds([at.x - 32, at.y - 34], [at.x + 36, at.y + 36]);
  });
  let shown = 0;
  const group = L.layerGroup();
  for (const town of towns) {
    if (shown >= most) break;
    const lng = beside(town.longitude);
    const at = map.latLngToContainerPoint([town.latitude, lng]);
    const half = town.name.length * 3.6 + 10;
    const box = L.bounds([at.x - 6, at.y - 9], [at.x + 2 * half, at.y + 9]);
    if (taken.some((b) => b.overlaps(box))) continue;
    taken.push(box);
    shown++;
    const html = document.createElement('span');
    html.textContent = town.name;
    html.ariaHidden = 'true';
    group.addLayer(L.marker([town.latitude, lng], { icon: L.divIcon({ html, className: 'map__town', iconSize: [0, 0] }), interactive: false, keyboard: false, zIndexOffset: -10_000 }));
  }
  return group;
}
