import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useLocation } from 'wouter';
import * as api from '../../api/endpoints';
import type { App } from '../../api/types';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { ConfirmDialog, Dialog } from '../../ui/Dialog';
import { Field, Switch, TextArea } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { useTitle } from '../../ui/hooks';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import { Callbacks, PausedNotice } from './Callbacks';
import { HowTo } from './HowTo';
import { Secret } from './Secret';
import { Usage } from './Usage';
import { useFresh } from './useFresh';
import './apps.css';
import '../messages';
import './messages';

/** One of my apps: its keys, what it calls, what may be changed of it, and how it is used. */
export default function AppPage({ id }: { id: string }) {
  const t = useT();
  const query = useQuery({ queryKey: ['apps', id], queryFn: () => api.apps.get(id) });
  useTitle(query.data?.name ?? t('apps.own'));
  return (
    <>
      <p>
        <Link href="/settings/apps">{t('apps.all')}</Link>
      </p>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Parts app={query.data} />}
    </>
  );
}

function Parts({ app }: { app: App }) {
  return (
    <>
      <header>
        <h2 className="app-name">{app.name}</h2>
        {app.description && <p className="settings__lead">{app.description}</p>}
      </header>
      <PausedNotice app={app} />
      <Keys app={app} />
      <Usage app={app} />
      <Callbacks app={app} />
      <About key={app.id} app={app} />
      <Security app={app} />
      <HowTo app={app} />
      <Delete app={app} />
    </>
  );
}

function Keys({ app }: { app: App }) {
  const t = useT();
  const toast = useToast();
  const fresh = useFresh();
  const [asking, setAsking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const rotate = useMutation({
    mutationFn: () => api.apps.rotate(app.id),
    onSuccess: (made) => {
      setSecret(made.client_secret);
      fresh(made);
    },
    onError: toast.fail,
    onSettled: () => setAsking(false),
  });
  return (
    <section className="settings__part">
      <h3>{t('apps.keys')}</h3>
      <Secret label="client_id" value={app.client_id} />
      <p className="settings__lead">{t(app.public ? 'apps.secretNone' : 'apps.secretHidden')}</p>
      {!app.public && (
        <Button kind="quiet" onClick={() => setAsking(true)}>
          {t('apps.rotate')}
        </Button>
      )}
      {asking && (
        <ConfirmDialog title={t('apps.rotateTitle')} text={t('apps.rotateText')} action={t('apps.rotate')} busy={rotate.isPending}
          onClose={() => setAsking(false)} onConfirm={() => rotate.mutate()} />
      )}
      {secret && (
        <Dialog title={t('apps.rotated', { name: app.name })} onClose={() => setSecret(undefined)}>
          <Secret label="client_secret" value={secret} />
          <p className="dialog__text">{t('apps.secretOnce')}</p>
          <div className="dialog__actions">
            <Button onClick={() => setSecret(undefined)}>{t('action.done')}</Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

const texts = (app: App) => ({ name: app.name, description: app.description, website: app.website, redirects: app.redirect_uris.join('\n') });

function About({ app }: { app: App }) {
  const t = useT();
  const toast = useToast();
  const fresh = useFresh();
  const [form, setForm] = useState(texts(app));
  const save = useMutation({
    mutationFn: () =>
      api.apps.change(app.id, {
        name: form.name.trim(), description: form.description.trim(), website: form.website.trim(), redirect_uris: form.redirects.split(/\s+/).filter(Boolean),
      }),
    onSuccess: (changed) => {
      fresh(changed);
      setForm(texts(changed));
      toast.say(t('settings.saved'));
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  const same = JSON.stringify(form) === JSON.stringify(texts(app));
  return (
    <form className="form settings__part" onSubmit={submit} noValidate>
      <h3>{t('apps.about')}</h3>
      <Field label={t('apps.name')} value={form.name} maxLength={60} required error={fieldError(t, save.error, 'name')} onChange={(e) => setForm({ ...form, name: e.target.value })} />
      <Field label={t('apps.description')} hint={t('apps.descriptionHint')} value={form.description} maxLength={200} error={fieldError(t, save.error, 'description')}
        onChange={(e) => setForm({ ...form, description: e.target.value })} />
      <Field label={t('settings.website')} type="url" value={form.website} placeholder="https://" error={fieldError(t, save.error, 'website')}
        onChange={(e) => setForm({ ...form, website: e.target.value })} />
      <TextArea label={t('apps.redirects')} hint={t('apps.redirectsHint')} value={form.redirects} spellCheck={false} required
        error={fieldError(t, save.error, 'redirect_uris')} onChange={(e) => setForm({ ...form, redirects: e.target.value })} />
      <FormError error={save.error} fields={['name', 'description', 'website', 'redirect_uris']} />
      <Button type="submit" busy={save.isPending} disabled={same}>
        {t('action.save')}
      </Button>
    </form>
  );
}

function Security({ app }: { app: App }) {
  const t = useT();
  const toast = useToast();
  const fresh = useFresh();
  const sign = useMutation({
    mutationFn: (on: boolean) => api.apps.change(app.id, { enforce_signed: on }),
    onSuccess: (changed) => {
      fresh(changed);
      toast.say(t(changed.enforce_signed ? 'apps.signedOn' : 'apps.signedOff'));
    },
    onError: toast.fail,
  });
  const hint = app.public ? t('apps.signedPublic') : app.can_sign ? t('apps.signedHint') : t('apps.signedOld');
  const set = (on: boolean) => t(on ? 'apps.on' : 'apps.off');
  return (
    <section className="settings__part">
      <h3>{t('apps.security')}</h3>
      <Switch label={t('apps.signed')} hint={hint} checked={sign.isPending ? sign.variables : app.enforce_signed} disabled={!app.can_sign} onChange={(on) => sign.mutate(on)} />
      <h4 className="app-old">{t('apps.old')}</h4>
      <p className="settings__lead">{t('apps.oldText')}</p>
      <dl className="app-facts">
        <dt>{t('apps.implicit')}</dt>
        <dd>{set(app.implicit_grant)}</dd>
        <dt>{t('apps.passwords')}</dt>
        <dd>{set(app.password_grant)}</dd>
      </dl>
    </section>
  );
}

function Delete({ app }: { app: App }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.apps.remove(app.id),
    onSuccess: async () => {
      navigate('/settings/apps', { replace: true });
      client.removeQueries({ queryKey: ['apps', app.id] });
      await client.invalidateQueries({ queryKey: ['apps'], exact: true });
    },
    onError: (e) => {
      setAsking(false);
      toast.fail(e);
    },
  });
  return (
    <section className="settings__part">
      <Button kind="danger" onClick={() => setAsking(true)}>
        {t('apps.delete')}
      </Button>
      {asking && (
        <ConfirmDialog title={t('apps.removeTitle', { name: app.name })} text={t('apps.removeText')} action={t('action.delete')} busy={remove.isPending}
          onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} />
      )}
    </section>
  );
}
