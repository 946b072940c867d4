import { useQuery } from '@tanstack/react-query';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { TagFollowButton } from './TagFollowButton';
import { TagRow } from './TagRow';

/** The tags that one follows; nothing where there are none. */
export function FollowedTags() {
  const t = useT();
  const { data } = useQuery({ queryKey: keys.myTags, queryFn: () => api.tags.followed(), staleTime: 60_000 });
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-labelledby="followed-tags">
      <h2 id="followed-tags" className="section-title">
        {t('tag.followed')}
      </h2>
      <ul className="people">
        {data.items.map((tag) => (
          <TagRow key={tag.name} tag={tag} action={<TagFollowButton name={tag.name} known={{ outgoing_status: 'follows' }} />} />
        ))}
      </ul>
    </section>
  );
}
