import type { Media } from '../api/types';
import { useT } from '../i18n';
import { MenuItem } from '../ui/MenuItem';
import { useStanding, type Deed } from './standing';
import './messages';

/** What the owner of a post may do about where it stands. */
export default function OwnItems({ media, onDone }: { media: Media; onDone: () => void }) {
  const t = useT();
  const change = useStanding(media);
  const item = (deed: Deed, icon: 'pushpin' | 'archive') => (
    <MenuItem
      icon={icon}
      label={t(`standing.${deed}`)}
      onClick={() => {
        onDone();
        change(deed);
      }}
    />
  );
  if (media.is_archived) return item('unarchive', 'archive');
  return (
    <>
      {item(media.is_pinned ? 'unpin' : 'pin', 'pushpin')}
      {item('archive', 'archive')}
    </>
  );
}
