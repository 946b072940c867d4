import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { keys } from '../../api/cache';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Dialog, FormActions } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import { email as api, type Email } from './api';
import './messages';
import '../messages';

/** One's e-mail address: whether it is confirmed, and changing it. */
export function EmailSettings() {
  const t = useT();
  const query = useQuery({ queryKey: keys.email, queryFn: api.get });
  const [open, setOpen] = useState<'change' | 'remove' | null>(null);
  const close = () => setOpen(null);
  const state = query.data;
  return (
    <section className="settings__part" aria-labelledby="email">
      <h3 id="email">{t('auth.email')}</h3>
      {query.isPending && <Spinner />}
      {query.isError && !state && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {state && (
        <>
          <State state={state} />
          <div className="two-factor__actions">
            <Button kind="quiet" onClick={() => setOpen('change')}>
              {t(state.email || state.pending ? 'email.change' : 'email.add')}
            </Button>
            {(state.pending !== '' || (state.email !== '' && state.verified_time === null)) && <Again />}
            {state.email !== '' && (
              <Button kind="quiet" onClick={() => setOpen('remove')}>
                {t('email.remove')}
              </Button>
            )}
          </div>
        </>
      )}
      {open && <Change remove={open === 'remove'} onClose={close} />}
    </section>
  );
}

function State({ state }: { state: Email }) {
  const t = useT();
  const { date } = useFormat();
  return (
    <>
      {state.email === '' && <p className="settings__lead">{t('email.none')}</p>}
      {state.email !== '' && (
        <>
          <p className="email__address">{state.email}</p>
          <p className="settings__lead">
            {state.verified_time === null ? t('email.waits') : t('email.confirmed', { date: date(state.verified_time) })} {t('email.lead')}
          </p>
        </>
      )}
      {state.pending !== '' && <p className="settings__lead">{t('email.pending', { email: state.pending })}</p>}
      {state.required && state.verified_time === null && <p className="form__error">{t('email.required')}</p>}
    </>
  );
}

function Again() {
  const t = useT();
  const toast = useToast();
  const again = useMutation({ mutationFn: api.again, onSuccess: () => toast.say(t('email.sent')), onError: toast.fail });
  return (
    <Button kind="quiet" busy={again.isPending} onClick={() => again.mutate()}>
      {t('email.again')}
    </Button>
  );
}

function Change({ remove, onClose }: { remove: boolean; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [form, setForm] = useState({ email: '', password: '' });
  const save = useMutation({
    mutationFn: () => api.change(remove ? '' : form.email.trim(), form.password),
    onSuccess: (fresh) => {
      client.setQueryData(keys.email, fresh);
      void client.invalidateQueries({ queryKey: keys.self });
      toast.say(t(remove ? 'settings.saved' : 'email.sent'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={t(remove ? 'email.remove' : 'email.change')} onClose={onClose}>
      <p className="dialog__text">{t(remove ? 'email.removeText' : 'email.changeText')}</p>
      <form className="form" onSubmit={submit} noValidate>
        {!remove && (
          <Field label={t('email.new')} type="email" inputMode="email" value={form.email} autoComplete="email" required
            error={fieldError(t, save.error, 'email')} onChange={(e) => setForm({ ...form, email: e.target.value })} />
        )}
        <Field label={t('settings.passwordNow')} type="password" value={form.password} autoComplete="current-password" required
          error={fieldError(t, save.error, 'password')} onChange={(e) => setForm({ ...form, password: e.target.value })} />
        <FormError error={save.error} fields={['email', 'password']} />
        <FormActions action={t(remove ? 'email.remove' : 'email.ask')} busy={save.isPending} danger={remove}
          disabled={form.password === '' || (!remove && form.email.trim() === '')} onClose={onClose} />
      </form>
    </Dialog>
  );
}
