import { Link } from 'wouter';
import type { Activity, ActivityKind } from '../api/types';
import { FollowButton } from '../graph/FollowButton';
import { useI18n, type MessageKey } from '../i18n';
import { RichText } from '../post/RichText';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { Time } from '../ui/Time';
import './messages';

const sentences: Record<ActivityKind, MessageKey> = {
  like: 'activity.like',
  comment: 'activity.comment',
  follow: 'activity.follow',
  request: 'activity.request',
  approved: 'activity.approved',
  mention: 'activity.mention',
};

/** One thing that happened, with the way to it. */
export function ActivityRow({ activity: a, isNew }: { activity: Activity; isNew: boolean }) {
  const { t, rich } = useI18n();
  return (
    <li className={isNew ? 'activity__row activity__row--new' : 'activity__row'}>
      <AvatarLink user={a.user} size={40} />
      <p className="activity__text">
        {isNew && <span className="visually-hidden">{t('activity.newItem')} </span>}
        {rich(sentences[a.kind], { user: <UserLink key="u" user={a.user} /> })}
        {a.text && (
          <>
            {' '}
            <q className="activity__quote">
              <RichText text={a.text} />
            </q>
          </>
        )}{' '}
        <span className="activity__time">
          <Time at={a.created_time} />
        </span>
      </p>
      {a.media && (
        <Link href={`/p/${a.media.shortcode}`} className="activity__thumb" aria-label={t('post.open')}>
          <img src={a.media.thumbnail} alt="" width={48} height={48} loading="lazy" />
        </Link>
      )}
      {a.kind === 'follow' && <FollowButton user={a.user} />}
    </li>
  );
}
