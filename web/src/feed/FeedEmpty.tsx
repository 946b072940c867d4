import { useT } from '../i18n';
import { LinkButton } from '../ui/Button';
import { EmptyState } from '../ui/States';
import { Suggestions } from './Suggestions';

/** The first thing a new member sees: what to do. */
export function FeedEmpty() {
  const t = useT();
  return (
    <>
      <EmptyState icon="camera" title={t('feed.emptyTitle')}>
        <p className="state__text">{t('feed.emptyText')}</p>
        <div className="state__actions">
          <LinkButton href="/new">{t('feed.emptyPost')}</LinkButton>
          <LinkButton href="/search?tab=people" kind="quiet">
            {t('feed.emptyFind')}
          </LinkButton>
        </div>
      </EmptyState>
      <div className="empty-suggestions">
        <Suggestions max={12} />
      </div>
    </>
  );
}
