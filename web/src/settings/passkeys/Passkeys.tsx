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
import { passkeys as api, type Passkey } from './api';
import { canPasskeys, create, gaveUp } from './credentials';
import './messages';
import '../messages';

type Open = { what: 'add' } | { what: 'rename' | 'remove'; key: Passkey };

/** One's passkeys: a list, and adding, renaming and removing them. */
export function Passkeys() {
  const t = useT();
  const { date } = useFormat();
  const query = useQuery({ queryKey: keys.passkeys, queryFn: api.list });
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const all = query.data?.items;
  return (
    <section className="settings__part" aria-labelledby="passkeys">
      <h3 id="passkeys">{t('passkeys.title')}</h3>
      <p className="settings__lead">{t('passkeys.lead')}</p>
      {query.isPending && <Spinner />}
      {query.isError && !all && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {all?.length === 0 && <p className="settings__lead">{t('passkeys.none')}</p>}
      {all && all.length > 0 && (
        <ul className="passkeys">
          {all.map((k) => (
            <li key={k.id} className="passkeys__one">
              <div className="passkeys__about">
                <strong>{k.name}</strong>
                <span className="settings__lead">
                  {t('passkeys.created', { date: date(k.created_time) })}, {k.used_time ? t('passkeys.used', { date: date(k.used_time) }) : t('passkeys.unused')}
                </span>
              </div>
              <Button kind="quiet" aria-label={t('passkeys.renameName', { name: k.name })} onClick={() => setOpen({ what: 'rename', key: k })}>
                {t('passkeys.rename')}
              </Button>
              <Button kind="quiet" aria-label={t('passkeys.removeName', { name: k.name })} onClick={() => setOpen({ what: 'remove', key: k })}>
                {t('passkeys.remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {canPasskeys() ? (
        <div>
          <Button kind="quiet" onClick={() => setOpen({ what: 'add' })}>
            {t('passkeys.add')}
          </Button>
        </div>
      ) : (
        <p className="settings__lead">{t('passkeys.cannot')}</p>
      )}
      {open?.what === 'add' && <Add onClose={close} />}
      {open?.what === 'rename' && <Rename passkey={open.key} onClose={close} />}
      {open?.what === 'remove' && <Remove passkey={open.key} onClose={close} />}
    </section>
  );
}

/** Runs a change of the passkeys, and closes the dialog after it. */
function useChange(act: () => Promise<unknown>, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.passkeys });
      done();
    },
  });
}

function Add({ onClose }: { onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const [form, setForm] = useState({ password: '', name: '' });
  const add = useChange(async () => api.add(await create(await api.begin(form.password)), form.name.trim()), () => {
    toast.say(t('passkeys.added'));
    onClose();
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    add.mutate();
  };
  return (
    <Dialog title={t('passkeys.add')} onClose={onClose}>
      <p className="dialog__text">{t('passkeys.addText')}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('passkeys.name')} hint={t('passkeys.nameHint')} value={form.name} maxLength={60} autoComplete="off" required
          error={fieldError(t, add.error, 'name')} onChange={(e) => setForm({ ...form, name: e.target.value })} />
        <Field label={t('settings.passwordNow')} type="password" value={form.password} autoComplete="current-password" required
          error={fieldError(t, add.error, 'password')} onChange={(e) => setForm({ ...form, password: e.target.value })} />
        {gaveUp(add.error) ? (
          <p className="form__error" role="alert">
            {t('passkeys.gaveUp')}
          </p>
        ) : (
          <FormError error={add.error} fields={['name', 'password']} />
        )}
        <FormActions action={t('passkeys.add')} busy={add.isPending} disabled={form.password === '' || form.name.trim() === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}

interface Props {
  passkey: Passkey;
  onClose: () => void;
}

function Rename({ passkey, onClose }: Props) {
  const t = useT();
  const [name, setName] = useState(passkey.name);
  const save = useChange(() => api.rename(passkey.id, name.trim()), onClose);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={t('passkeys.renameName', { name: passkey.name })} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('passkeys.name')} value={name} maxLength={60} autoComplete="off" required error={fieldError(t, save.error, 'name')} onChange={(e) => setName(e.target.value)} />
        <FormError error={save.error} fields={['name']} />
        <FormActions action={t('passkeys.rename')} busy={save.isPending} disabled={name.trim() === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Remove({ passkey, onClose }: Props) {
  const t = useT();
  const [password, setPassword] = useState('');
  const remove = useChange(() => api.remove(passkey.id, password), onClose);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    remove.mutate();
  };
  return (
    <Dialog title={t('passkeys.removeTitle', { name: passkey.name })} onClose={onClose}>
      <p className="dialog__text">{t('passkeys.removeText')}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('settings.passwordNow')} type="password" value={password} autoComplete="current-password" required
          error={fieldError(t, remove.error, 'password')} onChange={(e) => setPassword(e.target.value)} />
        <FormError error={remove.error} fields={['password']} />
        <FormActions action={t('passkeys.remove')} danger busy={remove.isPending} disabled={password === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
