import { useState, type FormEvent } from 'react';
import type { Self } from '../api/types';
import { useT } from '../i18n';
import { useSite } from '../session';
import { Button } from '../ui/Button';
import { Field, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { AvatarSettings } from './AvatarSettings';
import { useSaveSelf } from './useSaveSelf';
import './messages';

const fields = ['full_name', 'username', 'bio', 'website'] as const;

export function ProfileSettings({ self }: { self: Self }) {
  const t = useT();
  const limit = useSite()?.limits.bio;
  const save = useSaveSelf();
  const [form, setForm] = useState({ full_name: self.full_name, username: self.username, bio: self.bio, website: self.website });
  const set = (name: (typeof fields)[number]) => ({
    name,
    value: form[name],
    error: fieldError(t, save.error, name),
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate(Object.fromEntries(fields.filter((f) => form[f] !== self[f]).map((f) => [f, form[f]])));
  };
  return (
    <>
      <AvatarSettings self={self} />
      <form className="form" onSubmit={submit}>
        <Field label={t('auth.fullName')} autoComplete="name" {...set('full_name')} />
        <Field label={t('auth.username')} hint={t('settings.usernameHint')} autoComplete="username" autoCapitalize="none" spellCheck={false} {...set('username')} />
        <TextArea label={t('settings.bio')} limit={limit} {...set('bio')} />
        <Field label={t('settings.website')} type="url" inputMode="url" autoComplete="url" placeholder="https://" {...set('website')} />
        <FormError error={save.error} fields={fields} />
        <Button type="submit" busy={save.isPending} disabled={fields.every((f) => form[f] === self[f])}>
          {t('action.save')}
        </Button>
      </form>
    </>
  );
}
