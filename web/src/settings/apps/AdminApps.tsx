import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { flat } from '../../api/cache';
import * as api from '../../api/endpoints';
import type { AdminApp } from '../../api/types';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { Dialog, FormActions } from '../../ui/Dialog';
import { Field, Switch } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { useListing } from '../../ui/Listing';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import '../messages';
import './messages';

/** Everybody's apps, for an admin: who may use the old ways to a token, and how much they may call. */
export function AdminApps() {
  const t = useT();
  const [changing, setChanging] = useState<AdminApp | null>(null);
  const query = useListing(['admin', 'apps'], api.admin.apps);
  const apps = flat(query.data);
  const powers = (a: AdminApp) =>
    [t('apps.adminBy', { name: a.owner.username }), a.implicit_grant && t('apps.implicit'), a.password_grant && t('apps.passwords')].filter(Boolean).join(' · ');
  return (
    <section className="settings__part">
      <h3>{t('apps.adminTitle')}</h3>
      <p className="settings__lead">{t('apps.adminLead')}</p>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && apps.length === 0 && <p className="settings__lead">{t('apps.adminNone')}</p>}
      <ul className="rows">
        {apps.map((a) => (
          <li key={a.id} className="rows__row">
            <div className="rows__text">
              <p className="rows__title">{a.name}</p>
              <p className="rows__meta">{powers(a)}</p>
            </div>
            <Button kind="quiet" aria-label={t('apps.adminEditName', { name: a.name })} onClick={() => setChanging(a)}>
              {t('apps.adminEdit')}
            </Button>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button kind="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('apps.more')}
        </Button>
      )}
      {changing && <Powers app={changing} onClose={() => setChanging(null)} />}
    </section>
  );
}

function Powers({ app, onClose }: { app: AdminApp; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [form, setForm] = useState({ implicit: app.implicit_grant, passwords: app.password_grant, limit: String(app.own_hourly_limit) });
  const save = useMutation({
    mutationFn: () => api.admin.allowApp(app.id, { implicit_grant: form.implicit, password_grant: form.passwords, own_hourly_limit: Number(form.limit) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['admin', 'apps'] });
      void client.invalidateQueries({ queryKey: ['apps'] });
      toast.say(t('settings.saved'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={app.name} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <Switch label={t('apps.implicit')} hint={t('apps.implicitHint')} checked={form.implicit} onChange={(v) => setForm({ ...form, implicit: v })} />
        <Switch label={t('apps.passwords')} hint={app.public ? t('apps.secretNone') : t('apps.passwordsHint')} checked={form.passwords} disabled={app.public}
          onChange={(v) => setForm({ ...form, passwords: v })} />
        <Field label={t('apps.adminLimit')} hint={t('apps.adminLimitHint')} type="number" inputMode="numeric" min={0} value={form.limit}
          error={fieldError(t, save.error, 'hourly_limit')} onChange={(e) => setForm({ ...form, limit: e.target.value })} />
        <FormError error={save.error} fields={['hourly_limit']} />
        <FormActions action={t('action.save')} busy={save.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
