import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import * as api from '../api/endpoints';
import type { Job } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import './messages';

/** Work that failed too often and waits for somebody to look at it. */
export function FailedJobs() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({ queryKey: ['admin', 'jobs'], queryFn: api.admin.failedJobs, refetchInterval: 30_000 });
  const retry = useMutation({
    mutationFn: (j: Job) => api.admin.retryJob(j.db, j.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['admin', 'jobs'] }),
    onError: toast.fail,
  });
  return (
    <section className="settings__part">
      <h3>{t('jobs.title')}</h3>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="settings__lead">{t('jobs.none')}</p>}
      <ul className="rows">
        {query.data?.items.map((j) => (
          <li key={`${j.db}/${j.id}`} className="rows__row">
            <div className="rows__text">
              <p className="rows__title">{j.kind}</p>
              <p className="rows__meta">{t('jobs.tries', { count: j.attempt })}</p>
              {j.error && <p className="rows__detail">{j.error}</p>}
            </div>
            <Button kind="quiet" busy={retry.isPending && retry.variables.id === j.id} aria-label={t('jobs.retryName', { kind: j.kind })} onClick={() => retry.mutate(j)}>
              {t('action.retry')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
