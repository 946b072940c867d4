import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useI18n } from '../i18n';
import { bytes } from '../photos/bytes';
import { useSelf } from '../session';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { mine } from './api';
import { Bars } from './Bars';
import './messages';
import './storage.css';

/** In the settings: what my own files take, and the way to what happens to them; for admins also to what the site takes. */
export default function MyStorage() {
  const { t, locale } = useI18n();
  const self = useSelf();
  const query = useQuery({ queryKey: ['storage', 'mine'], queryFn: mine });
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const { used, files } = query.data;
  return (
    <section className="settings__part storage">
      <p>{used > 0 ? t('storage.mine', { bytes: bytes(used, locale) }) : t('storage.none')}</p>
      {used > 0 && <Bars title={t('storage.files')} items={files.map((f) => ({ label: t(`storage.${f.kind}`), bytes: f.bytes }))} />}
      <p>
        {t('storage.aboutText')} <Link href="/about/photos">{t('storage.about')}</Link>
      </p>
      {self?.is_admin && (
        <p>
          <Link href="/admin/storage">{t('storage.site')}</Link>
        </p>
      )}
    </section>
  );
}
