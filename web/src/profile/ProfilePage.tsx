import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link, useLocation } from 'wouter';
import { keys } from '../api/cache';
import { ApiError } from '../api/client';
import * as api from '../api/endpoints';
import type { User } from '../api/types';
import { RequestButtons } from '../graph/FollowButton';
import { useRelationship } from '../graph/useRelationship';
import { useT } from '../i18n';
import { inPhoto } from '../inphoto/api';
import { PostPages } from '../post/PostPages';
import { useSelf } from '../session';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { IconButton, LinkButton } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { ProfileHead } from './ProfileHead';
import { ProfileMenu } from './ProfileMenu';

const Albums = lazy(() => import('../collect/Albums'));

/** /{username}: who somebody is, and what they posted. */
export function ProfilePage({ username, tab = 'posts' }: { username: string; tab?: Tab }) {
  const t = useT();
  const self = useSelf();
  const [, navigate] = useLocation();
  const query = useQuery({ queryKey: keys.user(username), queryFn: () => api.users.byUsername(username) });
  const user = query.data;
  useTitle(user ? (user.full_name ? `${user.full_name} (@${user.username})` : `@${user.username}`) : undefined);

  if (query.isPending) {
    return (
      <>
        <PageHead title={username} back />
        <Spinner />
      </>
    );
  }
  if (user) {
    const mine = self?.id === user.id;
    return (
      <>
        <PageHead title={user.username} back={!mine}>
          {mine && <IconButton icon="bookmark" label={t('saved.title')} onClick={() => navigate('/saved')} />}
          {self && <ProfileMenu user={user} mine={mine} />}
        </PageHead>
        <Profile user={user} mine={mine} tab={tab} />
      </>
    );
  }
  if (query.error instanceof ApiError && (query.error.notFound || query.error.notAllowed)) return <NotFound text={t('profile.none')} />;
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

/** The parts of a profile, each at an address of its own. */
type Tab = 'posts' | 'albums' | 'tagged';

function Profile({ user, mine, tab }: { user: User; mine: boolean; tab: Tab }) {
  const t = useT();
  const relationship = useRelationship(user.id, user.relationship);
  const blocked = relationship?.incoming_status === 'blocked_by_you';
  const locked = user.is_private && !mine && relationship?.outgoing_status !== 'follows';
  return (
    <div className="profile">
      <ProfileHead user={user} mine={mine} relationship={relationship} />
      {relationship?.incoming_status === 'requested_by' && (
        <div className="profile__request">
          <p>{t('request.text', { name: user.username })}</p>
          <RequestButtons user={user} />
        </div>
      )}
      {blocked ? (
        <EmptyState icon="block" title={t('profile.blockedTitle')}>
          <p className="state__text">{t('profile.blockedText', { name: user.username })}</p>
        </EmptyState>
      ) : locked ? (
        <EmptyState icon="lock" title={t('profile.privateTitle')}>
          <p className="state__text">{t(relationship?.outgoing_status === 'requested' ? 'profile.privateAsked' : 'profile.privateText', { name: user.username })}</p>
        </EmptyState>
      ) : (
        <>
          <nav className="tabs" aria-label={t('profile.tabs')}>
            <Link href={`/${user.username}`} aria-current={tab === 'posts' ? 'page' : undefined}>
              {t('profile.posts')}
            </Link>
            <Link href={`/${user.username}/albums`} aria-current={tab === 'albums' ? 'page' : undefined}>
              {t('profile.albums')}
            </Link>
            <Link href={`/${user.username}/tagged`} aria-current={tab === 'tagged' ? 'page' : undefined}>
              {t('profile.tagged')}
            </Link>
          </nav>
          {tab === 'posts' && <Posts user={user} mine={mine} />}
          {tab === 'tagged' && <Tagged user={user} />}
          {tab === 'albums' && (
            <Suspense fallback={<Spinner />}>
              <Albums user={user} mine={mine} />
            </Suspense>
          )}
        </>
      )}
    </div>
  );
}

/** The posts in whose photos somebody is. */
function Tagged({ user }: { user: User }) {
  const t = useT();
  return (
    <PostPages
      queryKey={['media', 'tagged', user.id]}
      load={(after) => inPhoto.tagged(user.id, after)}
      empty={<EmptyState icon="person" title={t('profile.taggedNone')} />}
    />
  );
}

function Posts({ user, mine }: { user: User; mine: boolean }) {
  const t = useT();
  return (
    <PostPages
      queryKey={keys.userMedia(user.id)}
      load={(after) => api.users.media(user.id, after)}
      empty={
        <EmptyState icon="camera" title={t(mine ? 'profile.emptyMine' : 'profile.empty')}>
          {mine && <LinkButton href="/new">{t('feed.emptyPost')}</LinkButton>}
        </EmptyState>
      }
    />
  );
}
