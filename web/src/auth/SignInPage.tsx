import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState, type FormEvent } from 'react';
import { Link, Redirect, useLocation, useSearch } from 'wouter';
import { keys } from '../api/cache';
import { ApiError } from '../api/client';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { CodeField } from '../settings/twofactor/CodeField';
import { safeNext, useSelf, useSite } from '../session';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useTitle } from '../ui/hooks';
import { Splash } from '../ui/Splash';
import { AuthFrame } from './AuthFrame';

// Without its code the page does what it did before there were passkeys.
const PasskeyButton = lazy(() => import('../settings/passkeys/PasskeyButton').catch(() => ({ default: () => null })));
const ProviderButtons = lazy(() => import('./provider/ProviderButtons').catch(() => ({ default: () => null })));
const Suspended = lazy(() => import('../moderate/Suspended'));

const ticketOf = (e: unknown) => (e instanceof ApiError ? e.ticket : undefined);

export function SignInPage() {
  const t = useT();
  useTitle(t('auth.signIn'));
  const client = useQueryClient();
  const site = useSite();
  const self = useSelf();
  const search = useSearch();
  const next = safeNext(new URLSearchParams(search).get('next'));
  const [, navigate] = useLocation();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState<unknown>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (asked) form.current?.querySelector<HTMLInputElement>('input[name=code]')?.focus();
  }, [asked]);

  const enter = async () => {
    // Whatever a signed-out visitor was shown may look different now.
    client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'self' && q.queryKey[0] !== 'site' });
    await client.fetchQuery({ queryKey: keys.self, queryFn: api.self.get, staleTime: 0 });
    navigate(next, { replace: true });
  };
  const signIn = useMutation({
    mutationFn: () => api.session.signIn(login.trim(), password, code),
    onSuccess: () => enter(),
    onError: (e) => {
      if (e instanceof ApiError && e.field === 'code') setAsked(true);
    },
  });

  const ticket = ticketOf(refused) ?? ticketOf(signIn.error);
  if (ticket) {
    const back = () => {
      setPassword('');
      setCode('');
      setRefused(undefined);
      signIn.reset();
    };
    return (
      <Suspense fallback={<Splash />}>
        <Suspended ticket={ticket} onBack={back} />
      </Suspense>
    );
  }
  if (self && !signIn.isPending) return <Redirect to={next} replace />;
  if (site?.needs_first_user) return <Redirect to="/sign-up" replace />;

  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!signIn.isPending) signIn.mutate();
  };
  return (
    <AuthFrame title={t('auth.signIn')} lead={next !== '/' && <p className="auth__lead">{t('auth.continue')}</p>}>
      <form ref={form} className="form" onSubmit={submit} noValidate>
        <Field label={t('auth.login')} name="username" value={login} autoComplete="username" autoCapitalize="none" spellCheck={false} required
          error={fieldError(t, signIn.error, 'login')} onChange={(e) => setLogin(e.target.value)} />
        <Field label={t('auth.password')} name="password" type="password" value={password} autoComplete="current-password" required
          error={fieldError(t, signIn.error, 'password')} onChange={(e) => setPassword(e.target.value)} />
        {asked && <CodeField value={code} recovery error={code === '' ? undefined : fieldError(t, signIn.error, 'code')} onChange={setCode} />}
        <FormError error={signIn.error} fields={['login', 'password', 'code']} />
        <Button type="submit" wide busy={signIn.isPending}>
          {t('auth.signIn')}
        </Button>
      </form>
      <Suspense fallback={null}>
        {asked ? (
          <PasskeyButton key="second" label={t('auth.passkeySecond')} login={login.trim()} password={password} onDone={enter} onError={setRefused} />
        ) : (
          <PasskeyButton key="alone" label={t('auth.passkey')} login="" password="" onDone={enter} onError={setRefused} />
        )}
        {site?.providers && <ProviderButtons list={site.providers} next={next} />}
      </Suspense>
      <p className="auth__switch">
        <Link href="/forgot-password">{t('auth.forgot')}</Link>
      </p>
      {site && site.signup !== 'closed' && (
        <p className="auth__switch">
          {t('auth.new')} <Link href={search ? `/sign-up?${search}` : '/sign-up'}>{t('auth.signUp')}</Link>
        </p>
      )}
    </AuthFrame>
  );
}
