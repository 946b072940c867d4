import { useRef } from 'react';
import { useT } from '../i18n';
import { Button } from './Button';
import { useOnSeen } from './hooks';
import { Spinner } from './Splash';

interface Query {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The end of a list that goes on: loads the next page as it comes near, and offers a button where that failed. */
export function InfiniteEnd({ query }: { query: Query }) {
  const t = useT();
  const ref = useRef<HTMLDivElement>(null);
  useOnSeen(
    ref,
    () => {
      if (query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError) void query.fetchNextPage();
    },
    query.isFetchingNextPage,
  );
  return (
    <div ref={ref} className="infinite-end">
      {query.isFetchingNextPage && <Spinner />}
      {query.isFetchNextPageError && !query.isFetchingNextPage && (
        <Button kind="quiet" onClick={() => void query.fetchNextPage()}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}
