import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { keys } from '../api/cache';
import { ApiError } from '../api/client';
import * as users from '../api/endpoints';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { PostPages } from '../post/PostPages';
import { postPath } from '../post/path';
import { useSelf } from '../session';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { LinkButton } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import * as api from './api';
import type { MappedMedia } from './api';
import MapView from './MapView';
import { boundsOf, union, wholeWorld, type View } from './view';
import './messages';

/** /{username}/map: where somebody's photos were taken. */
export default function MapPage({ username }: { username: string }) {
  const t = useT();
  const query = useQuery({ queryKey: keys.user(username), queryFn: () => users.users.byUsername(username) });
  const user = query.data;
  useTitle(user ? t('map.of', { name: user.full_name || user.username }) : undefined);
  if (user) {
    return (
      <>
        <PageHead title={t('map.of', { name: user.full_name || user.username })} back />
        <UserMap user={user} />
      </>
    );
  }
  if (query.isPending) return <Spinner />;
  if (query.error instanceof ApiError && (query.error.notFound || query.error.notAllowed)) return <NotFound text={t('profile.none')} />;
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

function UserMap({ user }: { user: User }) {
  const t = useT();
  const mine = useSelf()?.id === user.id;
  const all = useQuery({ queryKey: ['map', user.id, 'all'], queryFn: ({ signal }) => api.ofUser(user.id, wholeWorld, signal) });
  if (all.isPending) return <Spinner />;
  if (all.data) {
    const start = union(all.data.map((m) => m.cluster.bounds));
    if (start) return <Shown user={user} mine={mine} start={start} first={all.data} />;
    return (
      <EmptyState icon="pin" title={t('map.empty')}>
        {mine && <p className="state__text">{t('map.emptyMine')}</p>}
      </EmptyState>
    );
  }
  if (all.error instanceof ApiError && all.error.status < 500 && !all.error.network) {
    return (
      <EmptyState icon={all.error.notAllowed ? 'lock' : 'pin'} title={t(all.error.notAllowed ? 'profile.privateTitle' : mine ? 'map.offMine' : 'map.off')}>
        {mine && <LinkButton href="/settings/account">{t('map.turnOn')}</LinkButton>}
      </EmptyState>
    );
  }
  return <ErrorState error={all.error} onRetry={() => void all.refetch()} />;
}

interface ShownProps {
  user: User;
  mine: boolean;
  start: [number, number, number, number];
  first: MappedMedia[];
}

function Shown({ user, mine, start, first }: ShownProps) {
  const t = useT();
  const [, navigate] = useLocation();
  const [view, setView] = useState<View | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const items = useQuery({
    queryKey: ['map', user.id, view],
    queryFn: ({ signal }) => api.ofUser(user.id, view ?? wholeWorld, signal),
    enabled: view !== null,
    placeholderData: keepPreviousData,
  });
  const moved = useCallback((v: View) => {
    setView(v);
    setChosen(null);
  }, []);
  const open = useCallback(
    (m: MappedMedia) => {
      // Many photos of one spot: they are listed below.
      if (m.cluster.count > 1) setChosen(boundsOf(...m.cluster.bounds));
      else navigate(postPath(m));
    },
    [navigate],
  );
  const bounds = chosen ?? view?.bounds;
  return (
    <div className="map-page">
      <MapView label={t('map.of', { name: user.full_name || user.username })} items={items.data ?? first} start={start} onView={moved} onOpen={open} />
      <p className="map-page__note">
        {t(mine ? (user.is_private ? 'map.whoFollowers' : 'map.whoAll') : 'map.note')} {mine && <Link href="/settings/account">{t('map.change')}</Link>}
      </p>
      <h2>{t(chosen ? 'map.hereSpot' : 'map.here')}</h2>
      {bounds && <PostPages queryKey={['media', 'map', user.id, bounds]} load={(after) => api.userMedia(user.id, bounds, after)} empty={<EmptyState icon="pin" title={t('map.none')} />} />}
    </div>
  );
}
