import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import * as api from '../../api/endpoints';
import type { App, Callback, Subscription } from '../../api/types';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import './apps.css';
import './messages';

const useCallbacks = (app: App) => useQuery({ queryKey: ['apps', app.id, 'callbacks'], queryFn: () => api.apps.callbacks(app.id) });
const usePaused = (app: App) => useCallbacks(app).data?.items.filter((c) => c.state === 'paused') ?? [];

/** Says in the list of one's apps that one is not called any more. */
export function PausedMark({ app }: { app: App }) {
  const t = useT();
  return usePaused(app).length === 0 ? null : <span className="callback__state callback__state--paused">{t('callbacks.mark')}</span>;
}

/** Says at the head of an app's page that it is not called any more. */
export function PausedNotice({ app }: { app: App }) {
  const t = useT();
  const paused = usePaused(app);
  if (paused.length === 0) return null;
  return (
    <p className="app-notice" role="status">
      {t('callbacks.notice', { count: paused.length })} <a href="#callbacks">{t('callbacks.noticeLink')}</a>
    </p>
  );
}

/** Where an app is called back, what for, and how it fares there. */
export function Callbacks({ app }: { app: App }) {
  const t = useT();
  const query = useCallbacks(app);
  return (
    <section className="settings__part" id="callbacks">
      <h3>{t('callbacks.title')}</h3>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="settings__lead">{t('callbacks.none')}</p>}
      <ul className="rows">
        {query.data?.items.map((c) => (
          <Row key={c.id} app={app} callback={c} />
        ))}
      </ul>
    </section>
  );
}

function Row({ app, callback: c }: { app: App; callback: Callback }) {
  const t = useT();
  const { dateTime } = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const resume = useMutation({
    mutationFn: () => api.apps.resume(app.id, c.id),
    onSuccess: () => toast.say(t('callbacks.resumed')),
    onError: toast.fail,
    onSettled: () => client.invalidateQueries({ queryKey: ['apps', app.id, 'callbacks'] }),
  });
  return (
    <li className="rows__row">
      <div className="rows__text">
        <p className="rows__title callback__url">{c.callback_url}</p>
        <p className="rows__meta">
          <span className={`callback__state callback__state--${c.state}`}>{t(`callbacks.${c.state}`)}</span>
          {c.state === 'paused' && c.paused_time && ` · ${t('callbacks.since', { date: dateTime(c.paused_time) })}`}
          {c.state === 'failing' && c.next_time && ` · ${t('callbacks.next', { date: dateTime(c.next_time) })}`}
          {c.state === 'ok' && c.last_success_time && ` · ${t('callbacks.last', { date: dateTime(c.last_success_time) })}`}
        </p>
        {c.last_error && <p className="rows__detail">{t('callbacks.error', { count: c.failures, error: c.last_error })}</p>}
        <p className="rows__meta">{c.subscriptions.map((s) => said(s, t)).join(' · ')}</p>
      </div>
      {c.state === 'paused' && (
        <Button kind="quiet" busy={resume.isPending} aria-label={t('callbacks.resumeName', { url: c.callback_url })} onClick={() => resume.mutate()}>
          {t('callbacks.resume')}
        </Button>
      )}
    </li>
  );
}

function said(s: Subscription, t: ReturnType<typeof useT>): string {
  switch (s.object) {
    case 'user':
      return t('callbacks.user');
    case 'tag':
      return `#${s.object_id}`;
    case 'location':
      return t('callbacks.location', { id: s.object_id ?? '' });
    case 'geography':
      return t('callbacks.geography');
  }
}
