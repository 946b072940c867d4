import { useT } from '../i18n';

/** The shapes of posts to come. */
export function FeedSkeleton() {
  const t = useT();
  return (
    <div role="status">
      <span className="visually-hidden">{t('state.loading')}</span>
      {[1, 1.25].map((aspect) => (
        <div key={aspect} className="post post--skeleton" aria-hidden="true">
          <div className="post-head">
            <span className="skeleton skeleton--oval" />
            <span className="skeleton skeleton--line" />
          </div>
          <div className="skeleton" style={{ aspectRatio: aspect }} />
        </div>
      ))}
    </div>
  );
}
