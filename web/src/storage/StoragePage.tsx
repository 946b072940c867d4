import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useI18n } from '../i18n';
import { bytes } from '../photos/bytes';
import { useSelf } from '../session';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { ofSite, type SiteStorage } from './api';
import { Bars } from './Bars';
import './messages';
import './storage.css';

/** /admin/storage: what the site takes, of what it may. */
export default function StoragePage() {
  const { t } = useI18n();
  const self = useSelf();
  useTitle(t('storage.site'));
  const query = useQuery({ queryKey: ['storage', 'site'], queryFn: ofSite, enabled: self?.is_admin === true });
  if (self && !self.is_admin) return <NotFound />;
  return (
    <>
      <PageHead title={t('storage.site')} back />
      <div className="storage">
        {query.isPending && <Spinner />}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && <Use site={query.data} />}
      </div>
    </>
  );
}

function Use({ site }: { site: SiteStorage }) {
  const { t, locale } = useI18n();
  const used = bytes(site.used, locale);
  return (
    <>
      <section>
        <p className="storage__lead">{site.limit > 0 ? t('storage.used', { used, limit: bytes(site.limit, locale) }) : t('storage.usedAll', { used })}</p>
        {site.limit > 0 && (
          <div className="storage__meter" aria-hidden="true">
            <span style={{ inlineSize: `${Math.min(100, (100 * site.used) / site.limit)}%` }} />
          </div>
        )}
        {site.level !== 'ok' && (
          <p className="storage__word" role="status">
            {t(`storage.${site.level}`)}
          </p>
        )}
      </section>
      <Bars title={t('storage.files')} items={site.files.map((f) => ({ label: t(`storage.${f.kind}`), bytes: f.bytes }))} />
      <Bars title={t('storage.databases')} items={site.databases.map((d) => ({ label: d.name, bytes: d.bytes }))} />
      <p>
        {t('storage.changeText')} <Link href="/settings/site">{t('storage.change')}</Link>
      </p>
    </>
  );
}
