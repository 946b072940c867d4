import { list, request, type Cursor } from '../api/client';
import type { Media } from '../api/types';
import type { PersonInPhoto } from './types';

const seg = encodeURIComponent;

export const inPhoto = {
  people: (media: string) => request<PersonInPhoto[]>('GET', `/v1/media/${seg(media)}/people`),
  accept: (media: string) => request<null>('PUT', `/v1/media/${seg(media)}/people/self`),
  leave: (media: string) => request<null>('DELETE', `/v1/media/${seg(media)}/people/self`),
  tagged: (user: string, after: Cursor | null) => list<Media>(`/v1/users/${seg(user)}/media/tagged`, after, { query: { count: 30 } }),
};
