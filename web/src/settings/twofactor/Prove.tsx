import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { keys } from '../../api/cache';
import { useT } from '../../i18n';
import { Dialog, FormActions } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { CodeField } from './CodeField';
import { RecoveryCodes } from './RecoveryCodes';
import type { RecoveryCodes as Codes } from './types';
import '../messages';

interface Props {
  title: string;
  text: string;
  danger?: boolean;
  act: (password: string, code: string) => Promise<Codes | null>;
  onClose: () => void;
}

/** Asks for both factors before something about them is changed. */
export function Prove({ title, text, danger, act, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [form, setForm] = useState({ password: '', code: '' });
  const save = useMutation({
    mutationFn: () => act(form.password, form.code),
    onSuccess: async (codes) => {
      await client.invalidateQueries({ queryKey: keys.twoFactor });
      if (!codes) onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  if (save.data) return <RecoveryCodes codes={save.data.recovery_codes} onClose={onClose} />;
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="dialog__text">{text}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('settings.passwordNow')} type="password" value={form.password} autoComplete="current-password" required
          error={fieldError(t, save.error, 'password')} onChange={(e) => setForm({ ...form, password: e.target.value })} />
        <CodeField value={form.code} recovery error={fieldError(t, save.error, 'code')} onChange={(code) => setForm({ ...form, code })} />
        <FormError error={save.error} fields={['password', 'code']} />
        <FormActions action={title} busy={save.isPending} danger={danger} disabled={form.password === '' || form.code === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
