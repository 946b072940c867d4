import { useInfiniteQuery, type QueryKey, type UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { flat, type Pages } from '../api/cache';
import type { Cursor, ListPage } from '../api/client';
import { InfiniteEnd } from './InfiniteEnd';
import { Spinner } from './Splash';
import { ErrorState } from './States';

/** A list of the API, page by page: `load` brings the page that a cursor begins. */
export function useListing<T>(queryKey: QueryKey, load: (after: Cursor | null) => Promise<ListPage<T>>) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
  });
}

interface Props<T> {
  query: UseInfiniteQueryResult<Pages<T>>;
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
}

/** Shows such a list: that it loads, why it failed, `empty` where nothing is in it, or its items and what follows them. */
export function Listing<T>({ query, empty, children }: Props<T>) {
  const items = flat(query.data);
  if (query.isPending) return <Spinner />;
  if (query.isError && items.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (items.length === 0 && !query.hasNextPage) return empty;
  return (
    <>
      {children(items)}
      <InfiniteEnd query={query} />
    </>
  );
}

interface RowsProps<T> {
  queryKey: QueryKey;
  load: (after: Cursor | null) => Promise<ListPage<T>>;
  /** What stands there where no rows are. */
  none: ReactNode;
  children: (item: T) => ReactNode;
}

/** A list of rows, more of them as one scrolls on. */
export function PagedRows<T>({ queryKey, load, none, children }: RowsProps<T>) {
  return (
    <Listing query={useListing(queryKey, load)} empty={none}>
      {(items) => <ul className="rows">{items.map(children)}</ul>}
    </Listing>
  );
}
