import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Relationship, UserShort } from '../api/types';
import { Avatar } from '../ui/Avatar';
import { FollowButton } from './FollowButton';

interface Props {
  user: UserShort;
  known?: Relationship;
  /** Instead of the follow button. */
  action?: ReactNode;
  onNavigate?: () => void;
  /** Instead of the full name. */
  note?: string;
  /** What stands after the action. */
  children?: ReactNode;
}

/** A person in a list: portrait, names, and what can be done. */
export function PersonRow({ user, known, action, onNavigate, note, children }: Props) {
  return (
    <li className="person">
      <Link href={`/${user.username}`} className="person__link" onClick={() => onNavigate?.()}>
        <Avatar user={user} size={40} />
        <span className="person__names">
          <strong>{user.username}</strong>
          {note ? <span className="person__note">{note}</span> : user.full_name && <span>{user.full_name}</span>}
        </span>
      </Link>
      {action ?? <FollowButton user={user} known={known} />}
      {children}
    </li>
  );
}
