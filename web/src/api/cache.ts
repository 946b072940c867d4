/** What is cached under which key, and how one changed post or user reaches every list that shows it. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { ListPage } from './client';
import type { Media, Relationship, User } from './types';

export const keys = {
  site: ['site'] as const,
  self: ['self'] as const,
  twoFactor: ['two-factor'] as const,
  email: ['email'] as const,
  passkeys: ['passkeys'] as const,
  identities: ['identities'] as const,
  feed: ['media', 'feed'] as const,
  post: (code: string) => ['media', 'post', code] as const,
  userMedia: (id: string) => ['media', 'user', id] as const,
  placeMedia: (id: string) => ['media', 'place', id] as const,
  place: (id: string) => ['place', id] as const,
  user: (username: string) => ['user', username.toLowerCase()] as const,
  relationship: (id: string) => ['relationship', id] as const,
  tag: (name: string) => ['tag', name.toLowerCase()] as const,
  tagMedia: (name: string) => ['media', 'tag', name] as const,
  tagRelationship: (name: string) => ['tag-relationship', name] as const,
  tagSearch: (q: string) => ['tag-search', q] as const,
  myTags: ['my-tags'] as const,
  popular: ['media', 'popular'] as const,
  suggested: ['suggested'] as const,
  search: (q: string) => ['search', q] as const,
  placeSearch: (q: string) => ['place-search', q] as const,
  captionSearch: (q: string) => ['media', 'search', q] as const,
  follows: (id: string) => ['people', 'follows', id] as const,
  followedBy: (id: string) => ['people', 'followed-by', id] as const,
  likers: (id: string) => ['people', 'likers', id] as const,
  requests: ['people', 'requests'] as const,
  comments: (id: string) => ['comments', id] as const,
  activity: ['activity'] as const,
};

export type Pages<T> = InfiniteData<ListPage<T>>;

export function mapPages<T>(data: Pages<T>, change: (item: T) => T | null): Pages<T> {
  return {
    ...data,
    pages: data.pages.map((p) => ({
      ...p,
      items: p.items.flatMap((item) => {
        const changed = change(item);
        return changed === null ? [] : [changed];
      }),
    })),
  };
}

export function flat<T>(data: Pages<T> | undefined): T[] {
  return data?.pages.flatMap((p) => p.items) ?? [];
}

/** IDs as "<post>_<owner>" and bare post IDs name the same post. */
export function samePost(a: string, b: string): boolean {
  return a.split('_')[0] === b.split('_')[0];
}

/** Changes a post in every list and page that holds it; null takes it away. */
export function patchMedia(client: QueryClient, id: string, change: (m: Media) => Media | null): void {
  const one = (m: Media) => (samePost(m.id, id) ? change(m) : m);
  client.setQueriesData<Pages<Media> | Media>({ queryKey: ['media'] }, (data) => {
    if (!data) return data;
    if ('pages' in data) return mapPages(data, one);
    return one(data) ?? undefined;
  });
}

/** Writes what is now known about the viewer and a user wherever that user's profile is cached. */
export function setRelationship(client: QueryClient, id: string, relationship: Relationship): void {
  client.setQueryData(keys.relationship(id), relationship);
  client.setQueriesData<User>({ queryKey: ['user'] }, (u) => (u?.id === id ? { ...u, relationship } : u));
}

/** Orders decimal IDs without turning them into numbers. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
