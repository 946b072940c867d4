import { useState } from 'react';
import type { Relationship, UserShort } from '../api/types';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { useRelate, useRelationship } from './useRelationship';

interface Props {
  user: UserShort;
  /** The relationship, where a response already told it. */
  known?: Relationship | undefined;
}

/** Follow, Requested or Following; asks before giving up a follow of a private user, which takes a new request to regain. */
export function FollowButton({ user, known }: Props) {
  const t = useT();
  const self = useSelf();
  const relationship = useRelationship(user.id, known);
  const { relate } = useRelate(user);
  const [asking, setAsking] = useState(false);

  if (!self || self.id === user.id || relationship?.incoming_status === 'blocked_by_you') return null;
  const status = relationship?.outgoing_status;
  const label = status === 'follows' ? t('follow.following') : status === 'requested' ? t('follow.requested') : t('follow.follow');
  const name = status === 'follows' ? 'follow.unfollowName' : status === 'requested' ? 'follow.cancelName' : 'follow.followName';
  return (
    <>
      <Button
        kind={status === 'none' || status === undefined ? 'primary' : 'quiet'}
        className="follow-button"
        disabled={status === undefined}
        aria-label={t(name, { name: user.username })}
        onClick={() => {
          if (status === 'none') relate('follow');
          else if (status === 'follows' && relationship?.target_user_is_private) setAsking(true);
          else relate('unfollow');
        }}
      >
        {label}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t('follow.unfollowTitle', { name: user.username })}
          text={t('follow.unfollowText')}
          action={t('follow.unfollow')}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            relate('unfollow');
          }}
        />
      )}
    </>
  );
}

/** Lets a request in or turns it away, right where it is read. */
export function RequestButtons({ user }: { user: UserShort }) {
  const t = useT();
  const { relate, busy } = useRelate(user);
  return (
    <span className="request-buttons">
      <Button busy={busy} onClick={() => relate('approve')} aria-label={t('request.approveName', { name: user.username })}>
        {t('request.approve')}
      </Button>
      <Button kind="quiet" busy={busy} onClick={() => relate('deny')} aria-label={t('request.denyName', { name: user.username })}>
        {t('request.deny')}
      </Button>
    </span>
  );
}
