import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import * as api from '../api/endpoints';
import type { Grant } from '../api/types';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { PausedMark } from './apps/Callbacks';
import { RegisterApp } from './RegisterApp';
import './apps/messages';

/** Apps that may act for me, and apps that I make. */
export function AppsSettings() {
  return (
    <>
      <Grants />
      <OwnApps />
    </>
  );
}

function Grants() {
  const t = useT();
  const { date } = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState<Grant | null>(null);
  const query = useQuery({ queryKey: ['grants'], queryFn: api.apps.grants });
  const revoke = useMutation({
    mutationFn: api.apps.revokeGrant,
    onSuccess: () => client.invalidateQueries({ queryKey: ['grants'] }),
    onError: toast.fail,
    onSettled: () => setAsking(null),
  });
  return (
    <section className="settings__part">
      <h3>{t('apps.grants')}</h3>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="settings__lead">{t('apps.grantsNone')}</p>}
      <ul className="rows">
        {query.data?.items.map((g) => (
          <li key={g.app.id} className="rows__row">
            <div className="rows__text">
              <p className="rows__title">{g.app.name}</p>
              <p className="rows__meta">
                {g.scopes.join(', ')} · {t('apps.since', { date: date(g.created_time) })}
              </p>
            </div>
            <Button kind="quiet" aria-label={t('apps.revokeName', { name: g.app.name })} onClick={() => setAsking(g)}>
              {t('apps.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      {asking && (
        <ConfirmDialog title={t('apps.revokeTitle', { name: asking.app.name })} text={t('apps.revokeText')} action={t('apps.revoke')} busy={revoke.isPending}
          onClose={() => setAsking(null)} onConfirm={() => revoke.mutate(asking.app.id)} />
      )}
    </section>
  );
}

function OwnApps() {
  const t = useT();
  const [registering, setRegistering] = useState(false);
  const query = useQuery({ queryKey: ['apps'], queryFn: api.apps.list });
  return (
    <section className="settings__part">
      <h3>{t('apps.own')}</h3>
      <p className="settings__lead">{t('apps.ownText')}</p>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="settings__lead">{t('apps.none')}</p>}
      <ul className="rows">
        {query.data?.items.map((a) => (
          <li key={a.id}>
            <Link href={`/settings/apps/${a.id}`} className="rows__row app-row">
              <span className="rows__text">
                <span className="rows__title">{a.name}</span>
                <span className="rows__meta">{a.description || <code>{a.client_id}</code>}</span>
              </span>
              <PausedMark app={a} />
              <Icon name="right" size={20} />
            </Link>
          </li>
        ))}
      </ul>
      <Button kind="quiet" onClick={() => setRegistering(true)}>
        {t('apps.register')}
      </Button>
      {registering && <RegisterApp onClose={() => setRegistering(false)} />}
    </section>
  );
}
