import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useI18n } from '../i18n';
import { useSite } from '../session';
import { baseLayer, type Colours } from './base';
import * as api from './api';
import type { Circle, MappedMedia } from './api';
import { labels } from './labels';
import './maps.css';
import { boundsOf, wrap, type View } from './view';
import './messages';

interface Props {
  /** What the map is of, for who cannot see it. */
  label: string;
  items: readonly MappedMedia[];
  /** What is shown first: west, south, east, north. */
  start: readonly [number, number, number, number];
  onView?: (v: View) => void;
  /** A photo, or photos in one place, were chosen. */
  onOpen?: (m: MappedMedia) => void;
  /** The map was tapped. */
  onPick?: (latitude: number, longitude: number) => void;
  circle?: Circle | undefined;
}

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const deepest = 17;

/** A map with photos on it. It is in no bundle but that of the pages that show one. */
export default function MapView({ label, items, start, onView, onOpen, onPick, circle }: Props) {
  const { t, locale } = useI18n();
  const site = useSite();
  const host = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<L.Map | null>(null);
  const [view, setView] = useState<View | null>(null);
  const first = useRef(start);
  const tiles = site?.map?.tiles;
  const credit = site?.map?.attribution;

  useEffect(() => {
    const div = host.current;
    if (!div) return;
    const m = L.map(div, {
      minZoom: 1, maxZoom: deepest, zoomControl: false, worldCopyJump: true, maxBoundsViscosity: 1,
      maxBounds: [[-86, -Infinity], [86, Infinity]],
      zoomAnimation: !still(), fadeAnimation: !still(), markerZoomAnimation: !still(),
    });
    const [w, s, e, n] = first.current;
    m.fitBounds([[s, w], [n, e]], { padding: [48, 48], maxZoom: 11, animate: false });
    setMap(m);
    return () => {
      m.remove();
      setMap(null);
    };
  }, []);

  // What is said in words.
  useEffect(() => {
    if (!map) return;
    const zoom = L.control.zoom({ zoomInTitle: t('map.zoomIn'), zoomOutTitle: t('map.zoomOut') }).addTo(map);
    return () => void zoom.remove();
  }, [map, t]);

  useEffect(() => {
    if (!map) return;
    map.attributionControl.setPrefix(false);
    if (tiles) {
      const layer = L.tileLayer(tiles, { attribution: escaped(credit ?? ''), maxZoom: deepest }).addTo(map);
      return () => void layer.remove();
    }
    const layer = baseLayer(() => coloursOf(map.getContainer())).addTo(map);
    const redraw = () => void layer.redraw(); // in the colours of the other theme
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', redraw);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const sources = 'Natural Earth, <a href="https://www.geonames.org" target="_blank" rel="noreferrer">GeoNames</a>';
    map.attributionControl.addAttribution(sources);
    return () => {
      dark.removeEventListener('change', redraw);
      theme.disconnect();
      layer.remove();
      map.attributionControl?.removeAttribution(sources);
    };
  }, [map, tiles, credit]);

  useEffect(() => {
    if (!map) return;
    const tell = () => {
      const b = map.getBounds();
      const v = { bounds: boundsOf(b.getWest(), b.getSouth(), b.getEast(), b.getNorth()), zoom: map.getZoom() };
      setView(v);
      onView?.(v);
    };
    tell();
    map.on('moveend', tell);
    return () => void map.off('moveend', tell);
  }, [map, onView]);

  useEffect(() => {
    if (!map || !onPick) return;
    const pick = (e: L.LeafletMouseEvent) => onPick(e.latlng.lat, wrap(e.latlng.lng));
    map.on('click', pick);
    return () => void map.off('click', pick);
  }, [map, onPick]);

  useEffect(() => {
    if (!map || !circle) return;
    const c = L.circle([circle.latitude, circle.longitude], { radius: circle.metres, className: 'map__circle', interactive: false }).addTo(map);
    const dot = L.circleMarker([circle.latitude, circle.longitude], { radius: 5, className: 'map__dot', interactive: false }).addTo(map);
    map.fitBounds(c.getBounds(), { padding: [24, 24], animate: !still() });
    return () => {
      c.remove();
      dot.remove();
    };
  }, [map, circle]);

  useEffect(() => {
    if (!map) return;
    const group = L.layerGroup(items.map((m) => photo(map, m, t(m.cluster.count > 1 ? 'map.cluster' : 'map.photo', { count: m.cluster.count, alt: m.alt_text || m.caption?.text.slice(0, 80) || t('photo.noAlt') }), onOpen)));
    group.addTo(map);
    return () => void group.remove();
  }, [map, items, t, onOpen]);

  const towns = useQuery({
    queryKey: ['map-towns', view?.bounds, locale],
    queryFn: ({ signal }) => api.towns(view?.bounds ?? '', 60, signal),
    enabled: view !== null && !tiles,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  useEffect(() => {
    if (!map || !view || !towns.data) return;
    const group = labels(map, towns.data, items).addTo(map);
    return () => void group.remove();
  }, [map, view, towns.data, items]);

  return <div ref={host} className="map" role="region" aria-label={label} />;
}

function escaped(text: string): string {
  const p = document.createElement('p');
  p.textContent = text;
  return p.innerHTML;
}

/** The colours of the theme, as a canvas takes them. */
function coloursOf(host: HTMLElement): Colours {
  const probe = host.appendChild(document.createElement('i'));
  probe.hidden = true;
  const one = (name: string) => {
    probe.style.color = `var(--map-${name})`;
    return getComputedStyle(probe).color;
  };
  const c = { sea: one('sea'), land: one('land'), shore: one('shore'), border: one('border') };
  probe.remove();
  return c;
}

/** A thumbnail with its count. */
function photo(map: L.Map, m: MappedMedia, name: string, onOpen: ((m: MappedMedia) => void) | undefined): L.Marker {
  const { count, latitude, longitude, bounds } = m.cluster;
  const html = document.createElement('span');
  html.className = count > 1 ? 'map__plate map__plate--many' : 'map__plate';
  const img = html.appendChild(document.createElement('img'));
  img.src = (m.renditions.find((r) => r.width === r.height && r.width >= 150 && r.width < 320) ?? m.images.thumbnail).url;
  img.alt = '';
  img.width = img.height = 52;
  img.decoding = 'async';
  if (count > 1) {
    const n = html.appendChild(document.createElement('b'));
    n.textContent = count > 999 ? '999+' : String(count);
  }
  // Beside the copy of the world that is looked at.
  const lng = longitude + 360 * Math.round((map.getCenter().lng - longitude) / 360);
  const marker = L.marker([latitude, lng], { icon: L.divIcon({ html, className: 'map__photo', iconSize: [56, 56] }), keyboard: true, riseOnHover: true, zIndexOffset: count });
  marker.on('add', () => marker.getElement()?.setAttribute('aria-label', name));
  marker.on('click', () => {
    const [w, s, e, n] = bounds;
    const apart = e - w > 1e-5 || n - s > 1e-5;
    if (count > 1 && apart && map.getZoom() < deepest) {
      const shift = lng - longitude;
      map.fitBounds([[s, w + shift], [n, e + shift]], { padding: [64, 64], maxZoom: Math.min(deepest, Math.max(map.getZoom() + 3, 14)), animate: !still() });
    } else onOpen?.(m);
  });
  return marker;
}
