import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { keys } from '../../api/cache';
import type { Provider } from '../../auth/provider/api';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Dialog, FormActions } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import { identities as api } from './api';
import './messages';
import '../messages';

/** How one signs in. */
export function useWaysIn() {
  return useQuery({ queryKey: keys.identities, queryFn: api.get });
}

type Open = { what: 'connect' | 'disconnect'; provider: Provider };

/** One's accounts elsewhere: a list, connecting and disconnecting. Nothing where the site has no providers and one has none. */
export function Identities() {
  const t = useT();
  const { date } = useFormat();
  const query = useWaysIn();
  const [open, setOpen] = useState<Open | null>(null);
  const ways = query.data;
  if (query.isError && !ways) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!ways || (ways.providers.length === 0 && ways.identities.length === 0)) return null;
  const free = ways.providers.filter((p) => !ways.identities.some((i) => i.provider === p.id));
  return (
    <section className="settings__part" aria-labelledby="identities">
      <h3 id="identities">{t('identities.title')}</h3>
      <p className="settings__lead">{t('identities.lead')}</p>
      {ways.identities.length > 0 && (
        <ul className="passkeys">
          {ways.identities.map((i) => (
            <li key={i.key} className="passkeys__one">
              <div className="passkeys__about">
                <strong>{i.name}</strong>
                <span className="settings__lead">{[i.email, t('identities.linked', { date: date(i.linked_time) })].filter(Boolean).join(', ')}</span>
                {i.provider === '' && <span className="settings__lead">{t('identities.gone')}</span>}
              </div>
              {ways.has_password && (
                <Button kind="quiet" aria-label={t('identities.disconnectName', { name: i.name })} onClick={() => setOpen({ what: 'disconnect', provider: { id: i.key, name: i.name } })}>
                  {t('identities.disconnect')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {ways.has_password ? (
        free.length > 0 && (
          <div className="two-factor__actions">
            {free.map((p) => (
              <Button key={p.id} kind="quiet" onClick={() => setOpen({ what: 'connect', provider: p })}>
                {t('identities.connect', { name: p.name })}
              </Button>
            ))}
          </div>
        )
      ) : (
        <p className="settings__lead">{t('identities.passwordFirst')}</p>
      )}
      {open && <Change open={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

/** Asks for the password; then it is done, or the provider asks. */
function Change({ open, onClose }: { open: Open; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const { id, name } = open.provider;
  const connects = open.what === 'connect';
  const change = useMutation({
    mutationFn: async () => {
      if (connects) window.location.assign((await api.connect(id, password)).url);
      else await api.disconnect(id, password);
    },
    onSuccess: async () => {
      if (connects) return; // the browser is on its way
      await client.invalidateQueries({ queryKey: keys.identities });
      toast.say(t('identities.disconnected'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!change.isPending) change.mutate();
  };
  return (
    <Dialog title={t(connects ? 'identities.connect' : 'identities.disconnectTitle', { name })} onClose={onClose}>
      <p className="dialog__text">{connects ? t('identities.connectText', { name }) : t('identities.disconnectText')}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('settings.passwordNow')} type="password" value={password} autoComplete="current-password" required
          error={fieldError(t, change.error, 'password')} onChange={(e) => setPassword(e.target.value)} />
        <FormError error={change.error} fields={['password']} />
        <FormActions action={connects ? t('identities.connect', { name }) : t('identities.disconnect')} danger={!connects} busy={change.isPending || (connects && change.isSuccess)}
          disabled={password === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
