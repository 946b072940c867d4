import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { Link, Redirect, useLocation, useSearch } from 'wouter';
import { keys } from '../api/cache';
import { randomKey } from '../api/client';
import * as api from '../api/endpoints';
import { useI18n } from '../i18n';
import { safeNext, useSelf, useSite } from '../session';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useTitle } from '../ui/hooks';
import { AuthFrame } from './AuthFrame';

const fields = ['full_name', 'email', 'username', 'password', 'invite'] as const;

/** Joining the site. The first to do so becomes its admin, and is told. */
export default function SignUpPage() {
  const { t, locale } = useI18n();
  useTitle(t('auth.signUp'));
  const client = useQueryClient();
  const site = useSite();
  const self = useSelf();
  const params = new URLSearchParams(useSearch());
  const next = safeNext(params.get('next'));
  const [, navigate] = useLocation();
  const [form, setForm] = useState({ full_name: '', email: '', username: '', password: '', invite: params.get('invite') ?? '' });
  const key = useRef({ body: '', key: '' });
  const first = site?.needs_first_user ?? false;
  const needsInvite = !first && site?.signup === 'invite';

  const signUp = useMutation({
    mutationFn: () => {
      const body = {
        username: form.username.trim(), password: form.password, full_name: form.full_name.trim(), email: form.email.trim(), locale,
        ...(needsInvite || form.invite ? { invite: form.invite.trim() } : {}),
      };
      // The same form sent again is the same sign-up.
      const text = JSON.stringify(body);
      if (key.current.body !== text) key.current = { body: text, key: randomKey() };
      return api.session.signUp(body, key.current.key);
    },
    onError: () => {
      key.current.body = '';
    },
    onSuccess: async () => {
      void client.invalidateQueries({ queryKey: keys.site });
      await client.fetchQuery({ queryKey: keys.self, queryFn: api.self.get, staleTime: 0 });
      navigate(next, { replace: true });
    },
  });

  if (self && !signUp.isPending) return <Redirect to={next} replace />;
  if (!first && site?.signup === 'closed') {
    return (
      <AuthFrame title={t('auth.closedTitle')}>
        <p className="auth__lead">{t('auth.closedText')}</p>
        <Link href="/sign-in">{t('auth.signIn')}</Link>
      </AuthFrame>
    );
  }

  const set = (name: (typeof fields)[number]) => ({
    value: form[name],
    name,
    required: name !== 'full_name',
    error: fieldError(t, signUp.error, name),
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!signUp.isPending) signUp.mutate();
  };
  return (
    <AuthFrame title={t(first ? 'auth.firstTitle' : 'auth.signUp')} lead={first && <p className="auth__lead auth__lead--first">{t('auth.firstText')}</p>}>
      <form className="form" onSubmit={submit} noValidate>
        {needsInvite && <Field label={t('auth.invite')} hint={t('auth.inviteHint')} autoComplete="off" autoCapitalize="none" spellCheck={false} {...set('invite')} />}
        <Field label={t('auth.fullName')} autoComplete="name" {...set('full_name')} />
        <Field label={t('auth.email')} type="email" inputMode="email" autoComplete="email" {...set('email')} />
        <Field label={t('auth.username')} hint={t('auth.usernameHint')} autoComplete="username" autoCapitalize="none" spellCheck={false} {...set('username')} />
        <Field label={t('auth.password')} type="password" autoComplete="new-password" {...set('password')} />
        <FormError error={signUp.error} fields={fields} />
        <Button type="submit" wide busy={signUp.isPending}>
          {t(first ? 'auth.firstAction' : 'auth.join')}
        </Button>
      </form>
      {!first && (
        <p className="auth__switch">
          {t('auth.have')} <Link href="/sign-in">{t('auth.signIn')}</Link>
        </p>
      )}
    </AuthFrame>
  );
}
