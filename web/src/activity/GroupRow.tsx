import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { UserShort } from '../api/types';
import { FollowButton } from '../graph/FollowButton';
import { useI18n, useT } from '../i18n';
import { inPhoto } from '../inphoto/api';
import { RichText } from '../post/RichText';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Time } from '../ui/Time';
import { useToast } from '../ui/Toasts';
import type { ActivityTab } from './ActivityPage';
import { sentence } from './sentences';
import type { ActivityGroup, ActivityMedia } from './types';
import './messages';

/** Things that belong together, with the ways to them. */
export function GroupRow({ group: g, tab, isNew }: { group: ActivityGroup; tab: ActivityTab; isNew: boolean }) {
  const { t, rich } = useI18n();
  if (g.kind === 'notice') return <NoticeRow group={g} isNew={isNew} />;
  const [first, second] = g.users;
  if (!first) return null;
  return (
    <li className={isNew ? 'activity__row activity__row--new' : 'activity__row'}>
      <span className="activity__faces">
        <AvatarLink user={first} size={40} />
        {tab === 'mine' && second && <AvatarLink user={second} size={26} />}
      </span>
      <div className="activity__text">
        <p>
          {isNew && <span className="visually-hidden">{t('activity.newItem')} </span>}
          {rich(sentence(g.kind, tab), {
            user: <Names key="users" users={g.users} count={g.user_count} />,
            whom: <Names key="whom" users={g.targets} count={g.target_count} />,
            count: g.media.length > 0 && tab === 'following' ? Math.max(g.count, g.media.length) : g.count,
          })}
          {g.text && (
            <>
              {' '}
              <q className="activity__quote">
                <RichText text={g.text} />
              </q>
            </>
          )}{' '}
          <span className="activity__time">
            <Time at={g.created_time} />
          </span>
        </p>
        {tab === 'following' && g.media.length > 1 && <Thumbs media={g.media} />}
        {g.kind === 'tag_request' && g.media[0] && <TagAnswer media={g.media[0]} />}
      </div>
      {(tab === 'mine' || g.media.length === 1) && g.media[0] && <Thumb media={g.media[0]} />}
      {tab === 'mine' && g.kind === 'follow' && g.user_count === 1 && <FollowButton user={first} />}
    </li>
  );
}

/** That moderators decided something about oneself: nobody is behind it. */
function NoticeRow({ group: g, isNew }: { group: ActivityGroup; isNew: boolean }) {
  const t = useT();
  return (
    <li className={isNew ? 'activity__row activity__row--new' : 'activity__row'}>
      <span className="activity__sign">
        <Icon name="flag" />
      </span>
      <p className="activity__text">
        {isNew && <span className="visually-hidden">{t('activity.newItem')} </span>}
        {t('activity.notice')} <Link href="/settings/reports">{t('activity.noticeOpen')}</Link>{' '}
        <span className="activity__time">
          <Time at={g.created_time} />
        </span>
      </p>
    </li>
  );
}

/** "ada", "ada and bob", or "ada, bob and 12 others". */
function Names({ users, count }: { users: readonly UserShort[]; count: number }): ReactNode {
  const { rich } = useI18n();
  const [a, b] = users.map((u) => <UserLink key={u.id} user={u} />);
  if (!b) return a;
  if (count <= 2) return rich('activity.two', { a, b });
  return rich('activity.many', { a, b, count: count - 2 });
}

function Thumb({ media: m }: { media: ActivityMedia }) {
  const t = useT();
  return (
    <Link href={`/p/${m.shortcode}`} className="activity__thumb" aria-label={t('post.open')}>
      <img src={m.thumbnail} alt="" width={48} height={48} loading="lazy" />
    </Link>
  );
}

function Thumbs({ media }: { media: readonly ActivityMedia[] }) {
  return (
    <span className="activity__thumbs">
      {media.map((m) => (
        <Thumb key={m.id} media={m} />
      ))}
    </span>
  );
}

/** Says yes or no to being tagged in a photo, right where it is read; either can be taken back. */
function TagAnswer({ media }: { media: ActivityMedia }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [said, setSaid] = useState<boolean | null>(null);
  const answer = useMutation({
    mutationFn: (yes: boolean) => (yes ? inPhoto.accept(media.id) : inPhoto.leave(media.id)),
    onSuccess: (_, yes) => {
      setSaid(yes);
      void client.invalidateQueries({ queryKey: ['media'] });
      const undo = () => answer.mutate(!yes);
      toast.say(t(yes ? 'activity.tagAccepted' : 'activity.tagDeclined'), { label: t('action.undo'), run: undo });
    },
    onError: toast.fail,
  });
  return (
    <span className="request-buttons">
      <Button busy={answer.isPending} disabled={said === true} onClick={() => answer.mutate(true)}>
        {t('request.approve')}
      </Button>
      <Button kind="quiet" busy={answer.isPending} disabled={said === false} onClick={() => answer.mutate(false)}>
        {t('request.deny')}
      </Button>
    </span>
  );
}
