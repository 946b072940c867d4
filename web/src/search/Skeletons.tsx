import { useT } from '../i18n';

/** The shapes of rows to come. */
export function RowsSkeleton({ rows = 4 }: { rows?: number }) {
  const t = useT();
  return (
    <div role="status">
      <span className="visually-hidden">{t('state.loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="person" aria-hidden="true">
          <span className="skeleton search__oval" />
          <span className="skeleton skeleton--line" />
        </div>
      ))}
    </div>
  );
}

/** The shapes of squares to come. */
export function GridSkeleton({ rows = 2 }: { rows?: number }) {
  const t = useT();
  return (
    <div role="status">
      <span className="visually-hidden">{t('state.loading')}</span>
      <div className="grid" aria-hidden="true">
        {Array.from({ length: 3 * rows }, (_, i) => (
          <div key={i} className="skeleton grid__square" />
        ))}
      </div>
    </div>
  );
}
