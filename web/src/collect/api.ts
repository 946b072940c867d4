import { list, nextCursor, request, requestEnvelope, type Cursor, type Envelope, type ListPage } from '../api/client';
import type { Media } from '../api/types';
import type { Album, AlbumInput, Collection, Expiry, SavedState, SecretLink, Shared } from './types';

const seg = encodeURIComponent;

/** A page of what one kept; gone are the IDs of what may not be seen (any longer). */
export interface KeptPage extends ListPage<Media> {
  gone: string[];
}

async function kept(path: string, after: Cursor | null): Promise<KeptPage> {
  const e: Envelope<Media[]> & { gone?: string[] } = await requestEnvelope('GET', path, { query: { count: 24, ...(after ? { [after.param]: after.value } : {}) } });
  return { items: e.data, next: nextCursor(e.pagination), gone: e.gone ?? [] };
}

export const keys = {
  saved: ['media', 'saved'] as const,
  collections: ['collections'] as const,
  collection: (id: string) => ['media', 'collection', id] as const,
  state: (id: string) => ['saved-state', id] as const,
  albums: (user: string) => ['albums', user] as const,
  album: (id: string) => ['album', id] as const,
  albumMedia: (id: string) => ['media', 'album', id] as const,
  links: ['secret-links'] as const,
};

export const saved = {
  all: (after: Cursor | null) => kept('/v1/users/self/media/saved', after),
  state: (id: string) => request<SavedState>('GET', `/v1/media/${seg(id)}/saved`),
  drop: (id: string) => request<SavedState>('DELETE', `/v1/media/${seg(id)}/saved`),
};

export const collections = {
  list: () => list<Collection>('/v1/collections', null),
  add: (name: string) => request<Collection>('POST', '/v1/collections', { json: { name } }),
  change: (id: string, change: { name?: string; cover_id?: string }) => request<Collection>('PATCH', `/v1/collections/${seg(id)}`, { json: change }),
  remove: (id: string) => request<null>('DELETE', `/v1/collections/${seg(id)}`),
  media: (id: string, after: Cursor | null) => kept(`/v1/collections/${seg(id)}/media`, after),
  put: (id: string, media: string) => request<null>('PUT', `/v1/collections/${seg(id)}/media/${seg(media)}`),
  take: (id: string, media: string) => request<null>('DELETE', `/v1/collections/${seg(id)}/media/${seg(media)}`),
};

export const albums = {
  of: (user: string) => list<Album>(`/v1/users/${seg(user)}/albums`, null),
  get: (id: string) => request<Album>('GET', `/v1/albums/${seg(id)}`),
  add: (album: AlbumInput) => request<Album>('POST', '/v1/albums', { json: album }),
  change: (id: string, album: AlbumInput) => request<Album>('PATCH', `/v1/albums/${seg(id)}`, { json: album }),
  remove: (id: string) => request<null>('DELETE', `/v1/albums/${seg(id)}`),
  media: (id: string, after: Cursor | null, count = 24) => list<Media>(`/v1/albums/${seg(id)}/media`, after, { query: { count } }),
  /** All of an album's posts, for changing them. */
  all: async (id: string): Promise<Media[]> => {
    const out: Media[] = [];
    for (let after: Cursor | null = null; ; ) {
      const page: ListPage<Media> = await albums.media(id, after, 60);
      out.push(...page.items);
      if (!page.next) return out;
      after = page.next;
    }
  },
};

export const links = {
  list: () => request<SecretLink[]>('GET', '/v1/secret-links'),
  add: (of: { media_id: string } | { album_id: string }, expiry: Expiry) => request<SecretLink>('POST', '/v1/secret-links', { json: { ...of, ...expiry } }),
  end: (id: string) => request<null>('DELETE', `/v1/secret-links/${seg(id)}`),
  open: (token: string, cursor: string | null) => request<Shared>('GET', `/v1/shared/${seg(token)}`, { query: { count: 24, cursor: cursor ?? undefined } }),
};
