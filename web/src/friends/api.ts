import { list, request, type Cursor } from '../api/client';
import type { UserShort } from '../api/types';

const path = '/v1/users/self/close-friends';

export const friendsKey = ['people', 'close-friends'] as const;

export const friends = {
  list: (after: Cursor | null) => list<UserShort>(path, after, { query: { count: 50 } }),
  /** Those on the list whom a search for people finds. */
  find: (q: string, signal: AbortSignal) => list<UserShort>(path, null, { query: { q, count: 20 }, signal }),
  set: (id: string, on: boolean) => request<null>(on ? 'PUT' : 'DELETE', `${path}/${encodeURIComponent(id)}`),
};
