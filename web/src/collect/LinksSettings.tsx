import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { Button } from '../ui/Button';
import { copyText } from '../ui/clipboard';
import { ConfirmDialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { keys, links } from './api';
import type { SecretLink } from './types';
import './collect.css';
import './messages';

/** The secret links that one made: copy one again, or revoke it. */
export default function LinksSettings() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState<SecretLink | null>(null);
  const query = useQuery({ queryKey: keys.links, queryFn: links.list, staleTime: 0 });
  const end = useMutation({
    mutationFn: links.end,
    onSuccess: () => toast.say(t('link.revoked')),
    onError: toast.fail,
    onSettled: () => {
      setAsking(null);
      return client.invalidateQueries({ queryKey: keys.links });
    },
  });
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <p className="settings__lead">{t(query.data.length === 0 ? 'link.empty' : 'link.lead')}</p>
      <ul className="rows">
        {query.data.map((l) => (
          <Row key={l.id} link={l} onRevoke={() => setAsking(l)} />
        ))}
      </ul>
      {asking && (
        <ConfirmDialog title={t('link.revokeTitle')} text={t('link.revokeText')} action={t('link.revoke')} busy={end.isPending} onClose={() => setAsking(null)} onConfirm={() => end.mutate(asking.id)} />
      )}
    </>
  );
}

function Row({ link: l, onRevoke }: { link: SecretLink; onRevoke: () => void }) {
  const t = useT();
  const { date, dateTime } = useFormat();
  const toast = useToast();
  const title = l.gone ? t('link.gone') : l.title || t('link.ofPost');
  const ends = l.expires_time === null ? t('link.forever') : t(l.expired ? 'link.expired' : 'link.expires', { date: dateTime(l.expires_time) });
  return (
    <li className="rows__row link-row">
      {l.picture ? <img src={l.picture} alt="" width={48} height={48} /> : <span className="link-row__sign"><Icon name="album" /></span>}
      <div className="rows__text">
        <p className="rows__title link-row__title">{title}</p>
        <p className="rows__meta">
          {t('link.made', { date: date(l.created_time) })} · {ends} · {t('link.openings', { count: l.openings })}
        </p>
      </div>
      {!l.expired && !l.gone && (
        <Button kind="quiet" aria-label={t('link.copyName', { title })} onClick={async () => toast.say((await copyText(l.url)) ? t('share.copied') : l.url)}>
          {t('link.copy')}
        </Button>
      )}
      <Button kind="quiet" aria-label={t('link.revokeName', { title })} onClick={onRevoke}>
        {t('link.revoke')}
      </Button>
    </li>
  );
}
