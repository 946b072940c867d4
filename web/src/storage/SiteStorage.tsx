import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useI18n } from '../i18n';
import { bytes } from '../photos/bytes';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { ofSite } from './api';
import { Bars } from './Bars';
import './messages';
import './storage.css';

/** What the site takes, of what it may: a section of the pages of admins. */
export default function SiteStorage() {
  const { t, locale } = useI18n();
  const query = useQuery({ queryKey: ['storage', 'site'], queryFn: ofSite });
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const site = query.data;
  const used = bytes(site.used, locale);
  return (
    <div className="storage">
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
        <p>
          {t('storage.changeText')} <Link href="/admin/knobs">{t('storage.change')}</Link>
        </p>
      </section>
      <Bars title={t('storage.files')} items={site.files.map((f) => ({ label: t(`storage.${f.kind}`), bytes: f.bytes }))} />
      <Bars title={t('storage.databases')} items={site.databases.map((d) => ({ label: d.name, bytes: d.bytes }))} />
    </div>
  );
}
