import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { flat, keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Self } from '../api/types';
import { PersonRow } from '../graph/PersonRow';
import { RequestButtons } from '../graph/FollowButton';
import { useT } from '../i18n';
import { PageHead } from '../shell/PageHead';
import { LinkButton } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { useListing } from '../ui/Listing';
import { EmptyState, ErrorState } from '../ui/States';
import { activity, activityKeys } from './api';
import { GroupRow } from './GroupRow';
import { joined, news } from './groups';
import { newOf } from './sentences';
import type { ActivityGroup } from './types';
import './activity.css';
import './messages';

export type ActivityTab = 'mine' | 'following';

/** What happened to me, and what those whom I follow did. */
export default function ActivityPage({ tab }: { tab: ActivityTab }) {
  const t = useT();
  useTitle(t('activity.title'));
  return (
    <>
      <PageHead title={t('activity.title')}>
        <Link href="/settings/activity" className="activity-settings">
          {t('activity.settings')}
        </Link>
      </PageHead>
      <div className="column column--text">
        <nav className="tabs" aria-label={t('activity.tabs')}>
          <Link href="/activity" aria-current={tab === 'mine' ? 'page' : undefined}>
            {t('activity.you')}
          </Link>
          <Link href="/activity/following" aria-current={tab === 'following' ? 'page' : undefined}>
            {t('activity.following')}
          </Link>
        </nav>
        {tab === 'mine' ? <Mine /> : <Following />}
      </div>
    </>
  );
}

/** Opening it marks all of it as seen; what was new stays marked until the page is left. */
function Mine() {
  const t = useT();
  const query = useListing(activityKeys.mine, activity.mine);
  const all = flat(query.data);
  const fresh = useFresh(all);
  // Requests have a list of their own on top, answered or not.
  const items = joined(all.filter((g) => g.kind !== 'request'), 'mine');
  const told = news(fresh.groups.filter((g) => g.kind !== 'request'));

  return (
    <>
      <Requests />
      {query.isPending && <ActivitySkeleton />}
      {query.isError && items.length === 0 && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && (
        <EmptyState icon="heart" title={t('activity.emptyTitle')}>
          <p className="state__text">{t('activity.emptyText')}</p>
        </EmptyState>
      )}
      {(['new', 'earlier'] as const).map((part) => {
        const list = items.filter((g) => fresh.ids.has(g.id) === (part === 'new'));
        return list.length === 0 ? null : (
          <section key={part} className="activity">
            <h2>{t(part === 'new' ? 'activity.new' : 'activity.earlier')}</h2>
            {part === 'new' && told.length > 0 && <p className="activity__news">{told.map((n) => t(newOf[n.kind], { count: n.count })).join(' · ')}</p>}
            <ul>
              {list.map((g) => (
                <GroupRow key={g.id} group={g} tab="mine" isNew={part === 'new'} />
              ))}
            </ul>
          </section>
        );
      })}
      <InfiniteEnd query={query} />
    </>
  );
}

function Following() {
  const t = useT();
  const query = useListing(activityKeys.following, activity.following);
  const items = joined(flat(query.data), 'following');
  return (
    <>
      {query.isPending && <ActivitySkeleton />}
      {query.isError && items.length === 0 && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && !query.hasNextPage && (
        <EmptyState icon="person" title={t('activity.emptyFollowingTitle')}>
          <p className="state__text">{t('activity.emptyFollowingText')}</p>
          <LinkButton href="/search">{t('activity.findPeople')}</LinkButton>
        </EmptyState>
      )}
      {items.length > 0 && (
        <section className="activity" aria-label={t('activity.following')}>
          <ul>
            {items.map((g) => (
              <GroupRow key={g.id} group={g} tab="following" isNew={false} />
            ))}
          </ul>
        </section>
      )}
      <InfiniteEnd query={query} />
    </>
  );
}

/** What was new when it was first shown; tells the server that it is seen now. */
function useFresh(all: readonly ActivityGroup[]): { ids: ReadonlySet<string>; groups: readonly ActivityGroup[] } {
  const client = useQueryClient();
  const [groups, setGroups] = useState<readonly ActivityGroup[]>([]);
  const newest = all[0]?.id;
  const added = all.filter((g) => g.new_count > 0 && !groups.some((f) => f.id === g.id));
  if (added.length > 0) setGroups([...groups, ...added]);
  useEffect(() => {
    if (!newest) return;
    api.self.activitySeen(newest).then(
      () => client.setQueryData<Self | null>(keys.self, (s) => s && { ...s, unread_activity: 0 }),
      () => undefined, // then the badge stays until the next visit
    );
  }, [newest, client]);
  return { ids: new Set(groups.map((g) => g.id)), groups };
}

function Requests() {
  const t = useT();
  const query = useListing(keys.requests, api.self.requests);
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

function ActivitySkeleton() {
  return (
    <div className="activity-skeleton" aria-hidden="true">
      {Array.from({ length: 6 }, (_, i) => (
        <div key={i}>
          <span />
          <p />
        </div>
      ))}
    </div>
  );
}
