import { useT } from '../i18n';

/** Placeholder until the composer moves in. */
export default function Composer() {
  const t = useT();
  return <h1>{t('compose.title')}</h1>;
}
