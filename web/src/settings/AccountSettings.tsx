import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Self } from '../api/types';
import { useT } from '../i18n';
import { Button, LinkButton } from '../ui/Button';
import { Field, Switch } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useToast } from '../ui/Toasts';
import { EmailSettings } from './email/EmailSettings';
import { Identities, useWaysIn } from './identities/Identities';
import { Passkeys } from './passkeys/Passkeys';
import { TwoFactor } from './twofactor/TwoFactor';
import { useSaveSelf } from './useSaveSelf';
import './identities/messages';
import './messages';

/** Who may see my posts, my e-mail address, my password. */
export function AccountSettings({ self }: { self: Self }) {
  const t = useT();
  const toast = useToast();
  const privacy = useSaveSelf();
  return (
    <>
      <section className="settings__part">
        <h3>{t('settings.privacy')}</h3>
        <Switch
          label={t('settings.private')}
          hint={t('settings.privateHint')}
          checked={privacy.isPending ? (privacy.variables.is_private ?? self.is_private) : self.is_private}
          disabled={privacy.isPending}
          onChange={(v) => privacy.mutate({ is_private: v }, { onError: toast.fail })}
        />
        <Switch
          label={t('settings.map')}
          hint={t('settings.mapHint')}
          checked={privacy.isPending && privacy.variables.has_map !== undefined ? privacy.variables.has_map : (self.has_map ?? false)}
          disabled={privacy.isPending}
          onChange={(v) => privacy.mutate({ has_map: v }, { onError: toast.fail })}
        />
        <Switch
          label={t('settings.hidesLikes')}
          hint={t('settings.hidesLikesHint')}
          checked={privacy.isPending ? (privacy.variables.hides_likes ?? self.hides_likes) : self.hides_likes}
          disabled={privacy.isPending}
          onChange={(v) => privacy.mutate({ hides_likes: v }, { onError: toast.fail })}
        />
        <p>
          <LinkButton href="/close-friends" kind="quiet">
            {t('settings.friends')}
          </LinkButton>
        </p>
      </section>
      <EmailSettings />
      <PasswordForm self={self} />
      <TwoFactor />
      <Passkeys />
      <Identities />
    </>
  );
}

function PasswordForm({ self }: { self: Self }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  // Who joined by an account elsewhere has none yet.
  const first = useWaysIn().data?.has_password === false;
  const [form, setForm] = useState({ current: '', next: '' });
  const save = useMutation({
    mutationFn: () => api.self.password(form.current, form.next),
    onSuccess: () => {
      setForm({ current: '', next: '' });
      toast.say(t('settings.passwordSaved'));
      void client.invalidateQueries({ queryKey: keys.identities });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <section className="settings__part">
      <h3>{t('auth.password')}</h3>
      <form className="form" onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={self.username} readOnly hidden aria-label={t('auth.username')} />
        {first ? (
          <p className="settings__lead">{t('identities.noPassword')}</p>
        ) : (
          <Field label={t('settings.passwordNow')} type="password" value={form.current} autoComplete="current-password" required
            error={fieldError(t, save.error, 'current')} onChange={(e) => setForm({ ...form, current: e.target.value })} />
        )}
        <Field label={t('settings.passwordNew')} type="password" value={form.next} autoComplete="new-password" required
          error={fieldError(t, save.error, 'new') ?? fieldError(t, save.error, 'password')} hint={t('settings.passwordHint')} onChange={(e) => setForm({ ...form, next: e.target.value })} />
        <FormError error={save.error} fields={first ? ['new'] : ['current', 'new']} />
        <Button type="submit" kind="quiet" busy={save.isPending} disabled={(!first && form.current === '') || form.next === ''}>
          {t(first ? 'identities.setPassword' : 'settings.passwordSave')}
        </Button>
      </form>
    </section>
  );
}
