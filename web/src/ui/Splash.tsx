import { useT } from '../i18n';
import { Mark } from './Mark';

/** The page before it is known what to show. Appears late (CSS), so that it does not flash. */
export function Splash() {
  const t = useT();
  return (
    <div className="splash" role="status">
      <Mark size={44} />
      <span className="visually-hidden">{t('state.loading')}</span>
    </div>
  );
}

export function Spinner({ label }: { label?: string }) {
  const t = useT();
  return (
    <span className="spinner" role="status">
      <span className="visually-hidden">{label ?? t('state.loading')}</span>
    </span>
  );
}
