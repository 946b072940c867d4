import { useInfiniteQuery, useMutation, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Cursor } from '../api/client';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { Grid } from '../post/Grid';
import { Button } from '../ui/Button';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import type { KeptPage } from './api';
import './messages';

interface Props {
  label: string;
  queryKey: QueryKey;
  load: (after: Cursor | null) => Promise<KeptPage>;
  /** Forgets one that is gone. */
  forget: (id: string) => Promise<unknown>;
  empty: ReactNode;
  /** Draws the posts where they are not just shown. */
  render?: ((posts: Media[]) => ReactNode) | undefined;
}

/** What one kept, page by page, with a word on what cannot be seen any more. */
export function KeptPosts({ label, queryKey, load, forget, empty, render }: Props) {
  const t = useT();
  const toast = useToast();
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
  });
  const posts = query.data?.pages.flatMap((p) => p.items) ?? [];
  const gone = query.data?.pages.flatMap((p) => p.gone) ?? [];
  const forgetAll = useMutation({
    mutationFn: async (ids: string[]) => {
      for (const id of ids) await forget(id);
    },
    onError: toast.fail,
    onSettled: () => query.refetch(),
  });
  if (query.isPending) return <Spinner />;
  if (query.isError && posts.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (posts.length === 0 && gone.length === 0 && !query.hasNextPage) return empty;
  return (
    <section aria-label={label}>
      {render ? render(posts) : <Grid posts={posts} />}
      {gone.length > 0 && (
        <p className="gone">
          {t('saved.gone', { count: gone.length })}{' '}
          <Button kind="text" busy={forgetAll.isPending} onClick={() => forgetAll.mutate(gone)}>
            {t('saved.goneRemove')}
          </Button>
        </p>
      )}
      <InfiniteEnd query={query} />
    </section>
  );
}
