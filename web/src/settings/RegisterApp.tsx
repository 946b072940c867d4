import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog, FormActions } from '../ui/Dialog';
import { Field, Switch, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { Secret } from './apps/Secret';
import './messages';
import './apps/messages';

/** Registers an app, then shows its credentials: the secret only this once. */
export function RegisterApp({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [form, setForm] = useState({ name: '', description: '', website: '', redirects: '', open: false });
  const create = useMutation({
    mutationFn: () =>
      api.apps.create({
        name: form.name.trim(), description: form.description.trim(), website: form.website.trim(),
        redirect_uris: form.redirects.split(/\s+/).filter(Boolean), public: form.open,
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['apps'] }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    create.mutate();
  };

  if (create.data) {
    return (
      <Dialog title={t('apps.made', { name: create.data.name })} onClose={onClose}>
        <Secret label="client_id" value={create.data.client_id} />
        {create.data.client_secret && (
          <>
            <Secret label="client_secret" value={create.data.client_secret} />
            <p className="dialog__text">{t('apps.secretOnce')}</p>
          </>
        )}
        <div className="dialog__actions">
          <Button onClick={onClose}>{t('action.done')}</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t('apps.register')} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('apps.name')} value={form.name} required error={fieldError(t, create.error, 'name')} onChange={(e) => setForm({ ...form, name: e.target.value })} />
        <Field label={t('apps.description')} hint={t('apps.descriptionHint')} value={form.description} maxLength={200} error={fieldError(t, create.error, 'description')}
          onChange={(e) => setForm({ ...form, description: e.target.value })} />
        <Field label={t('settings.website')} type="url" value={form.website} placeholder="https://" error={fieldError(t, create.error, 'website')} onChange={(e) => setForm({ ...form, website: e.target.value })} />
        <TextArea label={t('apps.redirects')} hint={t('apps.redirectsHint')} value={form.redirects} spellCheck={false} required
          error={fieldError(t, create.error, 'redirect_uris')} onChange={(e) => setForm({ ...form, redirects: e.target.value })} />
        <Switch label={t('apps.public')} hint={t('apps.publicHint')} checked={form.open} onChange={(v) => setForm({ ...form, open: v })} />
        <FormError error={create.error} fields={['name', 'description', 'website', 'redirect_uris']} />
        <FormActions action={t('apps.register')} busy={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
