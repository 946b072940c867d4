import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import { exportsApi, type Export } from './api';
import { Progress } from './Progress';
import { size } from './size';
import { why } from './why';
import './messages';

const key = ['exports'];

/** How often one asks how far something is, in milliseconds. */
const askEvery = 1500;

/** The archive of all that one owns: having it made, and downloading it. */
export function Exports() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({
    queryKey: key,
    queryFn: exportsApi.list,
    refetchInterval: (q) => (q.state.data?.some((e) => e.state === 'running') ? askEvery : false),
  });
  const begin = useMutation({
    mutationFn: exportsApi.begin,
    onSuccess: (e) => client.setQueryData<Export[]>(key, (list) => [e, ...(list ?? [])]),
    onError: toast.fail,
  });
  const list = query.data ?? [];
  return (
    <section className="settings__part" aria-labelledby="data-export">
      <h3 id="data-export">{t('data.export')}</h3>
      <p className="settings__lead">{t('data.exportLead')}</p>
      {query.isPending && <Spinner />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {list.map((e) => (
        <OneExport key={e.id} archive={e} />
      ))}
      {query.data && !list.some((e) => e.state === 'running') && (
        <Button kind="quiet" busy={begin.isPending} onClick={() => begin.mutate()}>
          {t('data.exportBegin')}
        </Button>
      )}
    </section>
  );
}

function OneExport({ archive }: { archive: Export }) {
  const t = useT();
  const { date } = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => exportsApi.remove(archive.id),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
    onError: toast.fail,
  });
  const text = {
    running: t('data.exportRunning', { done: archive.done, total: archive.total }),
    done: t('data.exportReady', { date: date(archive.created_time), size: size(t, archive.bytes ?? 0), expires: date(archive.expires_time) }),
    failed: t('data.exportFailed'),
  }[archive.state];
  return (
    <div className="data-card">
      <p role={archive.state === 'running' ? undefined : 'status'}>{text}</p>
      {archive.state === 'running' && <Progress label={t('data.export')} done={archive.done} total={archive.total} />}
      {archive.reasons && <p className="form__error">{why(t, archive.reasons)}</p>}
      <div className="data-card__actions">
        {archive.url && (
          <a className="button button--primary" href={new URL(archive.url, window.location.href).pathname} download>
            {t('data.download')}
          </a>
        )}
        <Button kind="quiet" busy={remove.isPending} onClick={() => remove.mutate()}>
          {t(archive.state === 'running' ? 'data.exportStop' : 'data.exportDelete')}
        </Button>
      </div>
    </div>
  );
}
