import type { Media } from '../api/types';
import { useT } from '../i18n';
import { Icon } from '../ui/Icon';

/** In words, where a post does not stand as most do. */
export function StandingBadges({ media }: { media: Media }) {
  const t = useT();
  return (
    <>
      {media.audience === 'friends' && (
        <span className="badge badge--friends">
          <Icon name="star" size={13} filled />
          {t('post.friends')}
        </span>
      )}
      {media.is_archived && (
        <span className="badge">
          <Icon name="archive" size={13} />
          {t('post.archived')}
        </span>
      )}
    </>
  );
}
