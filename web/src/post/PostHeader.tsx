import { Link } from 'wouter';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { Icon } from '../ui/Icon';
import { Time } from '../ui/Time';
import { postPath } from './path';
import { PostMenu } from './PostMenu';
import { StandingBadges } from './StandingBadges';

/** Who posted, where and when. */
export function PostHeader({ media }: { media: Media }) {
  return (
    <header className="post-head">
      <AvatarLink user={media.user} size={38} />
      <div className="post-head__names">
        <UserLink user={media.user} />
        <p className="post-head__meta">
          <Link href={postPath(media)}>
            <Time at={media.created_time} />
          </Link>
          <Place media={media} />
          <StandingBadges media={media} />
        </p>
      </div>
      <PostMenu media={media} />
    </header>
  );
}

function Place({ media }: { media: Media }) {
  const t = useT();
  const l = media.location;
  if (!l) return null;
  const point = l.latitude !== undefined && l.longitude !== undefined ? `${l.latitude.toFixed(3)}, ${l.longitude.toFixed(3)}` : '';
  const name = l.name ?? point;
  if (name === '') return null;
  return (
    <span className="post-head__place">
      <Icon name="pin" size={13} />
      <span className="visually-hidden">{t('post.place')}</span>
      {l.id === undefined ? name : <Link href={`/places/${l.id}`}>{name}</Link>}
    </span>
  );
}
