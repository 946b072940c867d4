import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { samePost } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { useI18n } from '../i18n';
import { UserLink } from '../ui/Avatar';
import { Grid } from './Grid';

/** Six more of the same author's posts, under a post. */
export function MoreFrom({ media }: { media: Media }) {
  const { t, rich } = useI18n();
  const query = useQuery({ queryKey: ['more', media.user.id], queryFn: () => api.users.media(media.user.id, null), staleTime: 300_000 });
  const others = query.data?.items.filter((m) => !samePost(m.id, media.id)).slice(0, 6) ?? [];
  if (others.length === 0) return null;
  return (
    <section className="more-from" aria-label={t('post.moreFrom', { user: media.user.username })}>
      <h2>{rich('post.moreFrom', { user: <UserLink key="u" user={media.user} /> })}</h2>
      <Grid posts={others} />
      <Link href={`/${media.user.username}`} className="visually-hidden-focusable">
        {t('post.allFrom', { user: media.user.username })}
      </Link>
    </section>
  );
}
