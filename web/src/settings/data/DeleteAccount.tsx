import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { keys } from '../../api/cache';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { useSite } from '../../session';
import { Button } from '../../ui/Button';
import { Dialog, FormActions } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { useToast } from '../../ui/Toasts';
import { account } from './api';
import './messages';
import '../messages';

/** Leaving for good: what happens, and the way to it. */
export function DeleteAccount() {
  const t = useT();
  const site = useSite();
  const [open, setOpen] = useState(false);
  return (
    <section className="settings__part" aria-labelledby="data-leave">
      <h3 id="data-leave">{t('data.leave')}</h3>
      {site && <p className="settings__lead">{t('data.leaveLead', { days: site.leave_days })}</p>}
      <Button kind="danger" onClick={() => setOpen(true)}>
        {t('data.leave')}
      </Button>
      {open && <LeaveDialog onClose={() => setOpen(false)} />}
    </section>
  );
}

function LeaveDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { date } = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [form, setForm] = useState({ password: '', code: '' });
  const leave = useMutation({
    mutationFn: () => account.remove(form.password, form.code),
    onSuccess: ({ due_time }) => {
      navigate('/sign-in', { replace: true });
      client.clear();
      client.setQueryData(keys.self, null);
      toast.say(t('data.left', { date: date(due_time) }));
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    leave.mutate();
  };
  return (
    <Dialog title={t('data.leave')} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <p className="dialog__text">{t('data.leaveText')}</p>
        <Field label={t('settings.passwordNow')} type="password" value={form.password} autoComplete="current-password" required
          error={fieldError(t, leave.error, 'password')} onChange={(e) => setForm({ ...form, password: e.target.value })} />
        <Field label={t('auth.code')} hint={t('data.leaveCode')} name="code" value={form.code} autoComplete="one-time-code" autoCapitalize="none" spellCheck={false}
          error={fieldError(t, leave.error, 'code')} onChange={(e) => setForm({ ...form, code: e.target.value })} />
        <FormError error={leave.error} fields={['password', 'code']} />
        <FormActions action={t('data.leave')} busy={leave.isPending} danger disabled={form.password === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
