import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { SignupMode } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Choice, Field } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { AdminApps } from './apps/AdminApps';
import { FailedJobs } from './FailedJobs';
import { Invites } from './Invites';
import { Knobs } from './Knobs';
import './messages';

/** For the site's admin: its name, who may join, invites, knobs, members' apps, and jobs that gave up. */
export function SiteSettings() {
  const query = useQuery({ queryKey: ['admin', 'site'], queryFn: api.admin.site });
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <SiteForm name={query.data.name} signup={query.data.signup} />
      <Invites />
      <Knobs />
      <AdminApps />
      <FailedJobs />
    </>
  );
}

function SiteForm({ name, signup }: { name: string; signup: SignupMode }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [form, setForm] = useState({ name, signup });
  const save = useMutation({
    mutationFn: () => api.admin.updateSite(form),
    onSuccess: (fresh) => {
      client.setQueryData(['admin', 'site'], fresh);
      void client.invalidateQueries({ queryKey: keys.site });
      void client.invalidateQueries({ queryKey: ['admin', 'knobs'] });
      toast.say(t('settings.saved'));
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <form className="form settings__part" onSubmit={submit}>
      <Field label={t('site.name')} value={form.name} maxLength={60} error={fieldError(t, save.error, 'name')} onChange={(e) => setForm({ ...form, name: e.target.value })} />
      <Choice
        legend={t('site.signup')}
        value={form.signup}
        options={[
          { value: 'open', label: t('site.open'), hint: t('site.openHint') },
          { value: 'invite', label: t('site.invite'), hint: t('site.inviteHint') },
          { value: 'closed', label: t('site.closed'), hint: t('site.closedHint') },
        ]}
        onChange={(v) => setForm({ ...form, signup: v })}
      />
      <FormError error={save.error} fields={['name']} />
      <Button type="submit" busy={save.isPending} disabled={form.name === name && form.signup === signup}>
        {t('action.save')}
      </Button>
    </form>
  );
}
