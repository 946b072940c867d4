import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { flat, keys } from '../api/cache';
import * as api from '../api/endpoints';
import { usePostPages } from '../post/PostPages';
import type { Asked, Kind } from './query';

/** Where photos with the words of a question come from, page by page. */
export function photosOf(q: string) {
  return {
    queryKey: keys.captionSearch(q),
    load: (after: Parameters<typeof api.captions.search>[1], signal: AbortSignal) => api.captions.search(q, after, signal),
    typing: true,
  };
}

/** What is found of some kinds. While a question is new, what the one before found stays. */
export function useFound(asked: Asked, wanted: readonly Kind[]) {
  const { name, q } = asked;
  const by = { placeholderData: keepPreviousData, staleTime: 30_000 };
  const ask = (kind: Kind) => wanted.includes(kind) && (kind === 'photos' ? q : name) !== '';
  const people = useQuery({ queryKey: keys.search(name), queryFn: ({ signal }) => api.users.search(name, signal), enabled: ask('people'), ...by });
  const tags = useQuery({ queryKey: keys.tagSearch(name), queryFn: ({ signal }) => api.tags.search(name, signal), enabled: ask('tags'), ...by });
  const places = useQuery({ queryKey: keys.placeSearch(name), queryFn: ({ signal }) => api.places.search(name, signal, 20), enabled: ask('places'), ...by });
  const photos = usePostPages(photosOf(q), ask('photos'));
  const queries = [people, tags, places, photos].filter((_, i) => ask((['people', 'tags', 'places', 'photos'] as const)[i] ?? 'photos'));
  return {
    people: ask('people') ? (people.data?.items ?? []) : [],
    tags: ask('tags') ? (tags.data?.items ?? []) : [],
    places: ask('places') ? (places.data?.items ?? []) : [],
    photos: ask('photos') ? flat(photos.data) : [],
    /** Whether anything was asked for. */
    any: queries.length > 0,
    /** Nothing at all is there yet. */
    waiting: (kind: Kind) => ask(kind) && { people, tags, places, photos }[kind].isPending,
    /** What is there is for the question before. */
    old: queries.some((x) => x.isPlaceholderData),
    known: queries.length > 0 && queries.every((x) => x.isSuccess && !x.isPlaceholderData),
    failed: queries.find((x) => x.isError),
  };
}
