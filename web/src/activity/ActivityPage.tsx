import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { flat, keys } from '../api/cache';
import type { Cursor } from '../api/client';
import * as api from '../api/endpoints';
import type { Self } from '../api/types';
import { PersonRow } from '../graph/PersonRow';
import { RequestButtons } from '../graph/FollowButton';
import { useT } from '../i18n';
import { PageHead } from '../shell/PageHead';
import { useTitle } from '../ui/hooks';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { ActivityRow } from './ActivityRow';
import './messages';

/** What happened to me. Opening the page marks all of it as seen; what was new stays marked until the page is left. */
export default function ActivityPage() {
  const t = useT();
  useTitle(t('activity.title'));
  const query = useInfiniteQuery({
    queryKey: keys.activity,
    queryFn: ({ pageParam }) => api.self.activity(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
  });
  // Requests have a list of their own on top, answered or not.
  const items = flat(query.data).filter((a) => a.kind !== 'request');
  const fresh = useFresh(flat(query.data));
  const isNew = (id: string) => fresh.has(id);

  return (
    <>
      <PageHead title={t('activity.title')} />
      <div className="column column--text">
        <Requests />
        {query.isPending && <Spinner />}
        {query.isError && items.length === 0 && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && items.length === 0 && (
          <EmptyState icon="heart" title={t('activity.emptyTitle')}>
            <p className="state__text">{t('activity.emptyText')}</p>
          </EmptyState>
        )}
        {(['new', 'earlier'] as const).map((part) => {
          const list = items.filter((a) => isNew(a.id) === (part === 'new'));
          return list.length === 0 ? null : (
            <section key={part} className="activity">
              <h2>{t(part === 'new' ? 'activity.new' : 'activity.earlier')}</h2>
              <ul>
                {list.map((a) => (
                  <ActivityRow key={a.id} activity={a} isNew={part === 'new'} />
                ))}
              </ul>
            </section>
          );
        })}
        <InfiniteEnd query={query} />
      </div>
    </>
  );
}

/** The IDs that were new when they were first shown; tells the server that they are seen now. */
function useFresh(all: readonly { id: string; is_new: boolean }[]): ReadonlySet<string> {
  const client = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const newest = all[0]?.id;
  const added = all.filter((a) => a.is_new && !fresh.has(a.id));
  if (added.length > 0) setFresh(new Set([...fresh, ...added.map((a) => a.id)]));
  useEffect(() => {
    if (!newest) return;
    api.self.activitySeen(newest).then(
      () => client.setQueryData<Self | null>(keys.self, (s) => s && { ...s, unread_activity: 0 }),
      () => undefined, // then the badge stays until the next visit
    );
  }, [newest, client]);
  return fresh;
}

function Requests() {
  const t = useT();
  const query = useInfiniteQuery({
    queryKey: keys.requests,
    queryFn: ({ pageParam }) => api.self.requests(pageParam),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (last) => last.next,
  });
  const people = flat(query.data);
  if (people.length === 0) return null;
  return (
    <section className="activity">
      <h2>{t('request.title')}</h2>
      <ul className="people">
        {people.map((u) => (
          <PersonRow key={u.id} user={u} action={<RequestButtons user={u} />} />
        ))}
      </ul>
      <InfiniteEnd query={query} />
    </section>
  );
}
