import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { flat, keys, samePost, type Pages } from '../api/cache';
import type { Cursor } from '../api/client';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { useFeedEvents } from '../live';

/** The feed with new posts put on top, none twice. */
export function prepend(data: Pages<Media>, fresh: readonly Media[]): Pages<Media> {
  const known = flat(data);
  const added = fresh.filter((m) => !known.some((k) => samePost(k.id, m.id)));
  const [first, ...rest] = data.pages;
  if (!first || added.length === 0) return data;
  return { ...data, pages: [{ ...first, items: [...added, ...first.items] }, ...rest] };
}

/** The home feed. New posts come in by themselves while the reader is at the top, and wait in `news` otherwise. */
export function useFeed() {
  const client = useQueryClient();
  const [news, setNews] = useState<Media[]>([]);
  const asking = useRef(false);

  const query = useInfiniteQuery({
    queryKey: keys.feed,
    queryFn: ({ pageParam }) => api.self.feed(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
    staleTime: 120_000,
  });
  const posts = flat(query.data);

  const show = (fresh: readonly Media[]) => {
    setNews([]);
    client.setQueryData<Pages<Media>>(keys.feed, (d) => d && prepend(d, fresh));
  };

  const look = async () => {
    const newest = flat(client.getQueryData<Pages<Media>>(keys.feed))[0];
    if (!newest) {
      await client.invalidateQueries({ queryKey: keys.feed });
      return;
    }
    if (asking.current) return;
    asking.current = true;
    try {
      const { items } = await api.self.feedSince(newest.id.split('_')[0] ?? newest.id);
      const held = flat(client.getQueryData<Pages<Media>>(keys.feed));
      const fresh = items.filter((m) => !held.some((h) => samePost(h.id, m.id)));
      if (fresh.length === 0) return;
      if (window.scrollY < 120) show(fresh);
      else setNews(fresh);
    } catch {
      // The next event, or the reader's next visit, brings them.
    } finally {
      asking.current = false;
    }
  };
  useFeedEvents(() => void look());

  return {
    query,
    posts,
    news,
    showNews: () => {
      show(news);
      window.scrollTo({ top: 0, behavior: 'instant' });
    },
  };
}
