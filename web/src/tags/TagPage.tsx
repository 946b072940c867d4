import { useQuery } from '@tanstack/react-query';
import { keys } from '../api/cache';
import { ApiError } from '../api/client';
import * as api from '../api/endpoints';
import { useI18n } from '../i18n';
import { PostPages } from '../post/PostPages';
import { useSelf } from '../session';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { LinkButton } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { TagFollowButton } from './TagFollowButton';

/** /tags/{name}: what has a tag, the latest tagged first. */
export function TagPage({ name }: { name: string }) {
  const { t } = useI18n();
  const query = useQuery({ queryKey: keys.tag(name), queryFn: () => api.tags.get(name) });
  const tag = query.data;
  useTitle(`#${tag?.name ?? name}`);
  if (query.error instanceof ApiError && query.error.status === 400) return <NotFound text={t('tag.none')} />;
  if (query.isError && !tag) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <PageHead title={`#${tag?.name ?? name}`} back />
      <div className="profile">
        <header className="tag-head">
          <span className="tag-head__sign" aria-hidden="true">
            <Icon name="tag" size={36} />
          </span>
          <p className="tag-head__count">{tag ? t('tag.count', { count: tag.media_count }) : ' '}</p>
          {tag && <TagFollowButton name={tag.name} />}
        </header>
        {tag ? <Posts name={tag.name} /> : <Spinner />}
      </div>
    </>
  );
}

function Posts({ name }: { name: string }) {
  const { t } = useI18n();
  const self = useSelf();
  return (
    <PostPages
      queryKey={keys.tagMedia(name)}
      load={(after) => api.tags.media(name, after)}
      empty={
        <EmptyState icon="tag" title={t('tag.emptyTitle')}>
          <p className="state__text">{t('tag.emptyText', { name })}</p>
          {self && <LinkButton href="/new">{t('tag.emptyPost')}</LinkButton>}
        </EmptyState>
      }
    />
  );
}
