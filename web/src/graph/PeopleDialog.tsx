import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { flat } from '../api/cache';
import type { Cursor, ListPage } from '../api/client';
import type { UserShort } from '../api/types';
import { Dialog } from '../ui/Dialog';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { PersonRow } from './PersonRow';

interface Props {
  title: string;
  empty: string;
  queryKey: readonly unknown[];
  load: (after: Cursor | null) => Promise<ListPage<UserShort>>;
  action?: (user: UserShort) => ReactNode;
  onClose: () => void;
}

/** A list of people over the page: followers, followed, likers. */
export function PeopleDialog({ title, empty, queryKey, load, action, onClose }: Props) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
  });
  const people = flat(query.data);
  return (
    <Dialog title={title} onClose={onClose} sheet>
      <div className="dialog__scroll">
        {query.isPending && <Spinner />}
        {query.isError && people.length === 0 && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && people.length === 0 && <p className="dialog__text">{empty}</p>}
        <ul className="people">
          {people.map((u) => (
            <PersonRow key={u.id} user={u} onNavigate={onClose} {...(action ? { action: action(u) } : {})} />
          ))}
        </ul>
        <InfiniteEnd query={query} />
      </div>
    </Dialog>
  );
}
