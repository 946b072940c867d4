import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Session } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { Time } from '../ui/Time';
import { useToast } from '../ui/Toasts';
import { deviceName } from './device';
import './messages';

/** Where one is signed in, with a way to end each session and all of them. */
export function SessionsSettings() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const query = useQuery({ queryKey: ['sessions'], queryFn: api.session.list });
  const revoke = useMutation({
    mutationFn: api.session.revoke,
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
    onError: toast.fail,
  });
  const everywhere = useMutation({
    mutationFn: api.session.signOutEverywhere,
    onSuccess: () => {
      navigate('/sign-in', { replace: true });
      client.clear();
      client.setQueryData(keys.self, null);
    },
    onError: toast.fail,
  });

  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <p className="settings__lead">{t('sessions.lead')}</p>
      <ul className="rows">
        {query.data.items.map((s) => (
          <li key={s.id} className="rows__row">
            <SessionText session={s} />
            {!s.current && (
              <Button kind="quiet" busy={revoke.isPending && revoke.variables === s.id} aria-label={t('sessions.endName', { name: deviceName(s.user_agent) })} onClick={() => revoke.mutate(s.id)}>
                {t('sessions.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Button kind="danger" onClick={() => setAsking(true)}>
        {t('sessions.everywhere')}
      </Button>
      {asking && (
        <ConfirmDialog title={t('sessions.everywhereTitle')} text={t('sessions.everywhereText')} action={t('sessions.everywhere')} busy={everywhere.isPending}
          onClose={() => setAsking(false)} onConfirm={() => everywhere.mutate()} />
      )}
    </>
  );
}

function SessionText({ session: s }: { session: Session }) {
  const t = useT();
  const app = typeof s.app === 'string' ? s.app : s.app?.name;
  return (
    <div className="rows__text">
      <p className="rows__title">
        {app || deviceName(s.user_agent) || t('sessions.unknown')}
        {s.current && <span className="tag">{t('sessions.current')}</span>}
      </p>
      <p className="rows__meta">
        {s.address} · {t('sessions.seen')} <Time at={s.last_seen_time} />
      </p>
    </div>
  );
}
