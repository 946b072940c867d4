import { Link } from 'wouter';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { PostPages } from '../post/PostPages';
import { GridSkeleton } from '../search/Skeletons';
import { useSelf } from '../session';
import { PageHead } from '../shell/PageHead';
import { tagPath } from '../tags/path';
import { LinkButton } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { EmptyState } from '../ui/States';
import { PeopleStrip } from './PeopleStrip';
import { tagsOf } from './tagsOf';
import './explore.css';
import './messages';

/** /explore: people to follow, and what others liked lately. */
export default function ExplorePage() {
  const t = useT();
  const self = useSelf();
  useTitle(t('explore.title'));
  return (
    <>
      <PageHead title={t('explore.title')} />
      <div className="explore">
        {self && <PeopleStrip />}
        <header className="explore__head">
          <h2>{t('explore.popular')}</h2>
        </header>
        <details className="explore__why">
          <summary>{t('explore.why')}</summary>
          <p>{t('explore.whyText')}</p>
          <p>{t('explore.whyWho')}</p>
        </details>
        <PostPages
          queryKey={keys.popular}
          load={(after) => api.media.popular(after)}
          waiting={<GridSkeleton rows={4} />}
          head={(posts) => <Tags posts={posts} />}
          empty={
            <EmptyState icon="compass" title={t('explore.emptyTitle')}>
              <p className="state__text">{t('explore.emptyText')}</p>
              {self && <LinkButton href="/new">{t('explore.emptyPost')}</LinkButton>}
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

/** The tags that these posts share. */
function Tags({ posts }: { posts: readonly Media[] }) {
  const t = useT();
  const tags = tagsOf(posts, 8);
  if (tags.length === 0) return null;
  return (
    <nav aria-label={t('explore.tags')}>
      <ul className="explore__tags">
        {tags.map((tag) => (
          <li key={tag}>
            <Link href={tagPath(tag)}>#{tag}</Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
