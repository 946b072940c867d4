import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { keys } from '../../api/cache';
import { ApiError } from '../../api/client';
import * as api from '../../api/endpoints';
import { useI18n, useT } from '../../i18n';
import { safeNext, useSelf, useSite } from '../../session';
import { CodeField } from '../../settings/twofactor/CodeField';
import { Button, LinkButton } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { useTitle } from '../../ui/hooks';
import { Splash } from '../../ui/Splash';
import { useToast } from '../../ui/Toasts';
import { AuthFrame } from '../AuthFrame';
import { providers, type Arrival } from './api';
import { providerError } from './ProviderError';
import './messages';

const Suspended = lazy(() => import('../../moderate/Suspended'));

/** What the provider put behind our address. It is taken out of it at once, so that it stays neither in the history nor in a picture of the screen. */
function useAnswer() {
  const [answer] = useState(() => {
    const q = new URLSearchParams(window.location.search);
    const get = (name: string) => q.get(name) ?? '';
    return { state: get('state'), code: get('code'), iss: get('iss'), error: get('error') };
  });
  useEffect(() => {
    if (window.location.search) history.replaceState(history.state, '', window.location.pathname);
  }, []);
  return answer;
}

/** Goes on as whoever has just been let in. */
function useEnter() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return async (next: string) => {
    client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'self' && q.queryKey[0] !== 'site' });
    await client.fetchQuery({ queryKey: keys.self, queryFn: api.self.get, staleTime: 0 });
    navigate(safeNext(next), { replace: true });
  };
}

/** Where a provider sends people back to: in, or to what is still missing, or why not. */
export default function BackPage() {
  const t = useT();
  useTitle(t('auth.signIn'));
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const toast = useToast();
  const enter = useEnter();
  const answer = useAnswer();
  const asked = useRef(false);
  const arrive = useMutation({
    mutationFn: () => providers.arrive({ state: answer.state, code: answer.code, iss: answer.iss }),
    onSuccess: async (a) => {
      if (a.result === 'signed_in') await enter(a.next);
      if (a.result === 'linked') {
        await client.invalidateQueries({ queryKey: keys.identities });
        toast.say(t('provider.linked', { name: a.provider.name }));
        navigate('/settings/account', { replace: true });
      }
    },
  });
  const { mutate } = arrive;
  useEffect(() => {
    if (asked.current || answer.error !== '') return;
    asked.current = true; // a code is good once, and effects may run twice
    mutate();
  }, [answer, mutate]);

  if (answer.error !== '') return <Stopped text={t(answer.error === 'access_denied' ? 'provider.cancelled' : 'provider.refused')} />;
  if (arrive.isError) return <Failed error={arrive.error} />;
  switch (arrive.data?.result) {
    case 'code':
      return <Code arrival={arrive.data} onDone={enter} />;
    case 'join':
      return <Join arrival={arrive.data} onDone={enter} />;
    default:
      return <Splash />;
  }
}

/** Nothing came of it, and the way on. */
function Stopped({ text }: { text: string }) {
  const t = useT();
  const self = useSelf();
  return (
    <AuthFrame title={t('provider.noneTitle')}>
      <p className="auth__lead" role="alert">
        {text}
      </p>
      <LinkButton href={self ? '/settings/account' : '/sign-in'} wide>
        {t(self ? 'provider.backSettings' : 'provider.back')}
      </LinkButton>
    </AuthFrame>
  );
}

function Failed({ error }: { error: unknown }) {
  const t = useT();
  const [, navigate] = useLocation();
  const ticket = error instanceof ApiError ? error.ticket : undefined;
  if (!ticket) return <Stopped text={providerError(t, error)} />;
  return (
    <Suspense fallback={<Splash />}>
      <Suspended ticket={ticket} onBack={() => navigate('/sign-in', { replace: true })} />
    </Suspense>
  );
}

interface StepProps {
  arrival: Arrival;
  onDone: (next: string) => Promise<void>;
}

/** The second factor, which a provider does not stand in for. */
function Code({ arrival, onDone }: StepProps) {
  const t = useT();
  const [code, setCode] = useState('');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>('input[name=code]')?.focus(), []);
  const finish = useMutation({ mutationFn: () => providers.finish(arrival.ticket ?? '', code), onSuccess: () => onDone(arrival.next) });
  if (finish.error instanceof ApiError && finish.error.field !== 'code' && !finish.error.network) return <Failed error={finish.error} />;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!finish.isPending) finish.mutate();
  };
  return (
    <AuthFrame title={t('provider.codeTitle')} lead={<p className="auth__lead">{t('provider.codeLead', { name: arrival.provider.name })}</p>}>
      <form ref={form} className="form" onSubmit={submit} noValidate>
        <CodeField value={code} recovery error={fieldError(t, finish.error, 'code')} onChange={setCode} />
        <FormError error={finish.error} fields={['code']} />
        <Button type="submit" wide busy={finish.isPending}>
          {t('auth.signIn')}
        </Button>
      </form>
    </AuthFrame>
  );
}

const fields = ['full_name', 'username', 'email', 'invite'] as const;

/** Joining, by what a provider says of somebody. */
function Join({ arrival, onDone }: StepProps) {
  const { t, locale } = useI18n();
  const client = useQueryClient();
  const site = useSite();
  const p = arrival.proposal ?? { username: '', full_name: '', email: '', email_confirmed: false };
  const [form, setForm] = useState({ username: p.username, full_name: p.full_name, email: p.email, invite: '' });
  const join = useMutation({
    mutationFn: () =>
      providers.join(arrival.ticket ?? '', { username: form.username.trim(), full_name: form.full_name.trim(), email: form.email.trim(), invite: form.invite.trim(), locale }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.site });
      return onDone(arrival.next);
    },
  });
  if (join.error instanceof ApiError && join.error.field === 'state') return <Failed error={join.error} />;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!join.isPending) join.mutate();
  };
  const set = (name: (typeof fields)[number]) => ({
    value: form[name],
    name,
    error: fieldError(t, join.error, name),
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
  });
  const kept = p.email_confirmed && form.email.trim() === p.email;
  return (
    <AuthFrame title={t('provider.joinTitle')} lead={<p className="auth__lead">{t('provider.joinLead', { name: arrival.provider.name })}</p>}>
      <form className="form" onSubmit={submit} noValidate>
        {site?.signup === 'invite' && !site.needs_first_user && (
          <Field label={t('auth.invite')} hint={t('auth.inviteHint')} autoComplete="off" autoCapitalize="none" spellCheck={false} required {...set('invite')} />
        )}
        <Field label={t('auth.username')} hint={t('auth.usernameHint')} autoComplete="username" autoCapitalize="none" spellCheck={false} required {...set('username')} />
        <Field label={t('auth.fullName')} autoComplete="name" {...set('full_name')} />
        <Field label={t('auth.email')} type="email" inputMode="email" autoComplete="email"
          hint={kept ? t('provider.joinConfirmed', { name: arrival.provider.name }) : t('provider.joinEmail')} {...set('email')} />
        <FormError error={join.error} fields={fields} />
        <Button type="submit" wide busy={join.isPending}>
          {t('auth.join')}
        </Button>
      </form>
    </AuthFrame>
  );
}
