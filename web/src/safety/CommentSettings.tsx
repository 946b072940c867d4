import { useT } from '../i18n';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { HeldComments } from './HeldComments';
import { useSafety } from './useSafety';
import { WhoMayComment } from './WhoMayComment';
import './messages';

/** Settings: who may comment, and the comments that wait. */
export function CommentSettings() {
  const t = useT();
  const { query, change } = useSafety();
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <section className="settings__part">
        <WhoMayComment value={change.isPending ? (change.variables.patch.commenters ?? query.data.commenters) : query.data.commenters}
          onChange={(commenters) => change.mutate({ patch: { commenters } })} />
        <p className="field__hint">{t('comments.whoHint')}</p>
      </section>
      <section className="settings__part">
        <h3>{t('held.title')}</h3>
        <HeldComments />
      </section>
    </>
  );
}
