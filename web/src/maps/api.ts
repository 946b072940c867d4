import { list, type Cursor, type ListPage } from '../api/client';
import type { Media, Place } from '../api/types';
import type { View } from './view';

/** The newest post of a cluster, and the cluster. */
export interface MappedMedia extends Media {
  cluster: { count: number; latitude: number; longitude: number; bounds: [number, number, number, number] };
}

const seg = encodeURIComponent;
const items = async <T>(path: string, query: Record<string, string | number>, signal: AbortSignal) => (await list<T>(path, null, { query, signal })).items;

export const ofUser = (id: string, v: View, signal: AbortSignal) => items<MappedMedia>(`/v1/users/${seg(id)}/map`, { bounds: v.bounds, zoom: v.zoom }, signal);
export const ofPlace = (id: string, v: View, signal: AbortSignal) => items<MappedMedia>(`/v1/locations/${seg(id)}/map`, { bounds: v.bounds, zoom: v.zoom }, signal);
export const towns = (bounds: string, count: number, signal: AbortSignal) => items<Place>('/v1/map/towns', { bounds, count }, signal);
export const userMedia = (id: string, bounds: string, after: Cursor | null) => list<Media>(`/v1/users/${seg(id)}/map/media`, after, { query: { bounds, count: 24 } });

export interface Circle {
  latitude: number;
  longitude: number;
  metres: number;
}

const week = 7 * 24 * 3600;
const weeksBack = 26;
const perPage = 30;

/** Photos near a point, newest first, down to half a year ago. The server looks at a week at a time; weeks without photos are passed over. */
export async function near(at: Circle, now: number, after: Cursor | null, find = week1): Promise<ListPage<Media>> {
  const oldest = now - weeksBack * week;
  for (let until = after ? Number(after.value) : now; until > oldest; until -= week) {
    const found = await find(at, until - week + 1, until);
    const last = found.at(-1);
    if (found.length === perPage && last) return page(found, Number(last.created_time) - 1, oldest);
    if (found.length > 0) return page(found, until - week, oldest);
  }
  return { items: [], next: null };
}

function page(found: Media[], until: number, oldest: number): ListPage<Media> {
  return { items: found, next: until > oldest ? { param: 'max_id', value: String(until) } : null };
}

const week1 = async (at: Circle, from: number, to: number) =>
  (await list<Media>('/v1/media/search', null, { query: { lat: at.latitude, lng: at.longitude, distance: at.metres, min_timestamp: from, max_timestamp: to, count: perPage } })).items;
