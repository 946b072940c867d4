import { Link } from 'wouter';
import type { UserShort } from '../api/types';

/** A portrait in the oval mat of a tintype. Decorative: the name stands beside it. */
export function Avatar({ user, size = 36 }: { user: Pick<UserShort, 'profile_picture'>; size?: number }) {
  const height = Math.round(size * 1.2);
  return (
    <span className="avatar" style={{ width: size, height }}>
      <img src={user.profile_picture} alt="" width={size} height={height} loading="lazy" decoding="async" />
    </span>
  );
}

/** The portrait as a link to the profile, hidden from assistive technology where the name links too. */
export function AvatarLink({ user, size }: { user: UserShort; size?: number }) {
  return (
    <Link href={`/${user.username}`} className="avatar-link" tabIndex={-1} aria-hidden="true">
      <Avatar user={user} {...(size === undefined ? {} : { size })} />
    </Link>
  );
}

export function UserLink({ user }: { user: UserShort }) {
  return (
    <Link href={`/${user.username}`} className="user-link">
      {user.username}
    </Link>
  );
}
