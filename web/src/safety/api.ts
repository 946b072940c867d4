/** The calls of what people set against others. Paths and shapes: docs/api.md. */
import { list, request, type Cursor } from '../api/client';
import type { Relationship, UserShort } from '../api/types';
import type { HeldComment, Safety } from './types';

const seg = encodeURIComponent;

export const keys = {
  safety: ['safety'] as const,
  muted: ['people', 'muted'] as const,
  restricted: ['people', 'restricted'] as const,
  held: ['held'] as const,
};

export type StanceAction = 'mute' | 'unmute' | 'restrict' | 'unrestrict';

export const getSafety = () => request<Safety>('GET', '/v1/users/self/safety');
export const changeSafety = (patch: Partial<Safety>) => request<Safety>('PATCH', '/v1/users/self/safety', { json: patch });
export const muted = (after: Cursor | null) => list<UserShort>('/v1/users/self/muted', after, { query: { count: 30 } });
export const restricted = (after: Cursor | null) => list<UserShort>('/v1/users/self/restricted', after, { query: { count: 30 } });
export const setStance = (id: string, action: StanceAction, activity = false) =>
  request<Relationship>('POST', `/v1/users/${seg(id)}/relationship`, { json: activity ? { action, activity } : { action } });
export const held = (media: string | undefined, after: Cursor | null) =>
  list<HeldComment>(media === undefined ? '/v1/users/self/held-comments' : `/v1/media/${seg(media)}/held-comments`, after, { query: { count: 30 } });
export const approve = (media: string, comment: string) =>
  request<null>('POST', `/v1/media/${seg(media)}/held-comments/${seg(comment)}/approve`, { json: {} });
