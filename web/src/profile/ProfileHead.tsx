import { useState } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Relationship, User, UserShort } from '../api/types';
import { FollowButton } from '../graph/FollowButton';
import { PeopleDialog } from '../graph/PeopleDialog';
import { useRelate } from '../graph/useRelationship';
import { useI18n, type MessageKey } from '../i18n';
import { compact } from '../i18n/format';
import { RichText } from '../post/RichText';
import { Avatar } from '../ui/Avatar';
import { Button, LinkButton } from '../ui/Button';
import { Icon } from '../ui/Icon';

interface Props {
  user: User;
  mine: boolean;
  relationship: Relationship | undefined;
}

/** Portrait, names, counts, bio, and the button that matters. */
export function ProfileHead({ user, mine, relationship }: Props) {
  const { t } = useI18n();
  const { relate } = useRelate(user);
  const [open, setOpen] = useState<'follows' | 'followedBy' | null>(null);
  const blocked = relationship?.incoming_status === 'blocked_by_you';
  const hidden = user.is_private && !mine && relationship?.outgoing_status !== 'follows';
  const website = /^https?:\/\//i.test(user.website) ? user.website : '';

  return (
    <section className="profile-head" aria-label={t('profile.about')}>
      <Avatar user={user} size={104} />
      <div className="profile-head__text">
        <p className="profile-head__name">
          {user.full_name || user.username}
          {user.is_private && (
            <span className="profile-head__lock" title={t('profile.private')}>
              <Icon name="lock" size={17} />
              <span className="visually-hidden">{t('profile.private')}</span>
            </span>
          )}
        </p>
        <p className="profile-head__user">
          @{user.username}
          {relationship?.incoming_status === 'followed_by' && <span className="tag">{t('follow.followsYou')}</span>}
        </p>
        <ul className="counts">
          <li>
            <Count n={user.counts.media} label="profile.countPosts" />
          </li>
          <li>
            <Count n={user.counts.followed_by} label="profile.countFollowers" {...(hidden || blocked ? {} : { onOpen: () => setOpen('followedBy') })} />
          </li>
          <li>
            <Count n={user.counts.follows} label="profile.countFollowing" {...(hidden || blocked ? {} : { onOpen: () => setOpen('follows') })} />
          </li>
        </ul>
      </div>
      <div className="profile-head__bio">
        {user.bio && (
          <p>
            <RichText text={user.bio} />
          </p>
        )}
        {website && (
          <a href={website} rel="me nofollow noopener ugc" target="_blank">
            {website.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '')}
          </a>
        )}
      </div>
      <div className="profile-head__actions">
        {mine && (
          <LinkButton href="/settings/profile" kind="quiet">
            {t('profile.edit')}
          </LinkButton>
        )}
        {mine && (
          <LinkButton href="/archive" kind="quiet">
            {t('profile.archive')}
          </LinkButton>
        )}
        {blocked && (
          <Button kind="quiet" onClick={() => relate('unblock')}>
            {t('profile.unblock')}
          </Button>
        )}
        {user.has_map && !hidden && !blocked && (
          <LinkButton href={`/${user.username}/map`} kind="quiet">
            {t('profile.map')}
          </LinkButton>
        )}
        {!mine && !blocked && <FollowButton user={user} known={user.relationship} />}
      </div>
      {open === 'follows' && (
        <PeopleDialog title={t('profile.followingTitle')} empty={t('profile.followingNone')} queryKey={keys.follows(user.id)}
          load={(after) => api.users.follows(user.id, after)} onClose={() => setOpen(null)} />
      )}
      {open === 'followedBy' && (
        <PeopleDialog title={t('profile.followersTitle')} empty={t('profile.followersNone')} queryKey={keys.followedBy(user.id)}
          load={(after) => api.users.followedBy(user.id, after)} onClose={() => setOpen(null)}
          {...(mine ? { action: (u: UserShort) => <RemoveFollower user={u} /> } : {})} />
      )}
    </section>
  );
}

function Count({ n, label, onOpen }: { n: number; label: MessageKey; onOpen?: () => void }) {
  const { t, rich, locale } = useI18n();
  const inner = rich(label, { n: <strong key="n">{compact(n, locale)}</strong>, count: n });
  if (!onOpen) return <span className="counts__one">{inner}</span>;
  return (
    <button type="button" className="counts__one" aria-haspopup="dialog" aria-label={t(label, { n: compact(n, locale), count: n })} onClick={onOpen}>
      {inner}
    </button>
  );
}

/** Takes a follower away; they are not told. */
function RemoveFollower({ user }: { user: UserShort }) {
  const { t } = useI18n();
  const { relate, busy } = useRelate(user);
  const [sure, setSure] = useState(false);
  return (
    <Button kind={sure ? 'danger' : 'quiet'} busy={busy} aria-label={t(sure ? 'follow.removeSureName' : 'follow.removeName', { name: user.username })}
      onClick={() => (sure ? relate('remove_follower') : setSure(true))} onBlur={() => setSure(false)}>
      {t(sure ? 'follow.removeSure' : 'follow.remove')}
    </Button>
  );
}
