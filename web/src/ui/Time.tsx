import { useI18n } from '../i18n';
import { ago, dateTime, iso } from '../i18n/format';
import { useNow } from './now';

/** When something happened: relative and short, the full date on hover. */
export function Time({ at }: { at: string }) {
  const { locale } = useI18n();
  const now = useNow();
  return (
    <time dateTime={iso(at)} title={dateTime(at, locale)}>
      {ago(at, now, locale)}
    </time>
  );
}
