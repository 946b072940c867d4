import type { UserShort } from '../api/types';
import { useT } from '../i18n';
import { MenuItem } from '../ui/MenuItem';
import { useSetFriend } from './useSetFriend';
import './messages';

/** On somebody's profile: on the list with them, or off it. */
export default function FriendItem({ user, on, onDone }: { user: UserShort; on: boolean; onDone: () => void }) {
  const t = useT();
  const { set } = useSetFriend();
  return (
    <MenuItem
      icon="star"
      label={t(on ? 'friends.removeName' : 'friends.addName', { name: user.username })}
      onClick={() => {
        onDone();
        set(user, !on);
      }}
    />
  );
}
