import { keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { flat } from '../api/cache';
import type { Cursor, ListPage } from '../api/client';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { Grid } from './Grid';

interface Source {
  queryKey: QueryKey;
  load: (after: Cursor | null, signal: AbortSignal) => Promise<ListPage<Media>>;
  /** Where the key says what somebody is typing: what was there stays until the new is. */
  typing?: boolean;
}

interface Props extends Source {
  /** What stands there where no posts are. */
  empty: ReactNode;
  /** What stands there until the first are. */
  waiting?: ReactNode;
  /** What stands above them. */
  head?: (posts: readonly Media[]) => ReactNode;
}

/** A list of posts, page by page. */
export function usePostPages({ queryKey, load, typing = false }: Source, enabled = true) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
    enabled,
    ...(typing ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Posts as squares, more of them as one scrolls on. */
export function PostPages({ empty, waiting = <Spinner />, head, ...source }: Props) {
  const t = useT();
  const query = usePostPages(source);
  // Where the order moves, a post may come on two pages.
  const posts = [...new Map(flat(query.data).map((m) => [m.id, m])).values()];
  if (query.isPending) return waiting;
  if (query.isError && posts.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (posts.length === 0 && !query.hasNextPage) return empty;
  return (
    <section aria-label={t('profile.posts')} aria-busy={query.isPlaceholderData}>
      {head?.(posts)}
      <Grid posts={posts} />
      <InfiniteEnd query={query} />
    </section>
  );
}
