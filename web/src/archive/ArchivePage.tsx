import { useT } from '../i18n';
import { PostPages } from '../post/PostPages';
import { archived, archivedKey } from '../post/standing';
import { PageHead } from '../shell/PageHead';
import { useTitle } from '../ui/hooks';
import { EmptyState } from '../ui/States';
import './messages';

/** /archive: what one took off one's profile, to be brought back from there. */
export default function ArchivePage() {
  const t = useT();
  useTitle(t('archive.title'));
  return (
    <>
      <PageHead title={t('archive.title')} back />
      <PostPages
        queryKey={archivedKey}
        load={archived}
        head={() => <p className="page-lead">{t('archive.lead')}</p>}
        empty={
          <EmptyState icon="archive" title={t('archive.emptyTitle')}>
            <p className="state__text">{t('archive.emptyText')}</p>
          </EmptyState>
        }
      />
    </>
  );
}
