import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { flat } from '../api/cache';
import type { Cursor, ListPage } from '../api/client';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { Grid } from './Grid';

interface Props {
  queryKey: QueryKey;
  load: (after: Cursor | null) => Promise<ListPage<Media>>;
  /** What stands there where no posts are. */
  empty: ReactNode;
}

/** Posts as squares, more of them as one scrolls on. */
export function PostPages({ queryKey, load, empty }: Props) {
  const t = useT();
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
  });
  const posts = flat(query.data);
  if (query.isPending) return <Spinner />;
  if (query.isError && posts.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (posts.length === 0 && !query.hasNextPage) return empty;
  return (
    <section aria-label={t('profile.posts')}>
      <Grid posts={posts} />
      <InfiniteEnd query={query} />
    </section>
  );
}
