import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, useEffect, useRef, type ComponentType } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import * as api from '../api/endpoints';
import { keys } from '../api/cache';
import type { Self } from '../api/types';
import { useT, type MessageKey } from '../i18n';
import { useSelf } from '../session';
import { PageHead } from '../shell/PageHead';
import { Button } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { useToast } from '../ui/Toasts';
import { ReportsSettings } from '../moderate/ReportsSettings';
import { CommentSettings } from '../safety/CommentSettings';
import { HiddenWords } from '../safety/HiddenWords';
import { MutedSettings, RestrictedSettings } from '../safety/PeopleSet';
import { AccountSettings } from './AccountSettings';
import { AppearanceSettings } from './AppearanceSettings';
import { AppsSettings } from './AppsSettings';
import { ProfileSettings } from './ProfileSettings';
import { SessionsSettings } from './SessionsSettings';
import { SiteSettings } from './SiteSettings';
import './settings.css';
import '../safety/messages';
import './messages';

const ActivitySettings = lazy(() => import('../activity/ActivitySettings'));
const LinksSettings = lazy(() => import('../collect/LinksSettings'));
const DataSettings = lazy(() => import('./data/DataSettings'));
const MyStorage = lazy(() => import('../storage/MyStorage'));
const AppPage = lazy(() => import('./apps/AppPage'));

const sections: readonly { path: string; label: MessageKey; admin?: boolean; page: ComponentType<{ self: Self }> }[] = [
  { path: '/settings', label: 'settings.profile', page: ProfileSettings },
  { path: '/settings/account', label: 'settings.account', page: AccountSettings },
  { path: '/settings/comments', label: 'settings.comments', page: CommentSettings },
  { path: '/settings/words', label: 'settings.words', page: HiddenWords },
  { path: '/settings/muted', label: 'settings.muted', page: MutedSettings },
  { path: '/settings/restricted', label: 'settings.restricted', page: RestrictedSettings },
  { path: '/settings/appearance', label: 'settings.appearance', page: AppearanceSettings },
  { path: '/settings/activity', label: 'settings.activity', page: ActivitySettings },
  { path: '/settings/sessions', label: 'settings.sessions', page: SessionsSettings },
  { path: '/settings/links', label: 'settings.links', page: LinksSettings },
  { path: '/settings/apps', label: 'settings.apps', page: AppsSettings },
  { path: '/settings/data', label: 'settings.data', page: DataSettings },
  { path: '/settings/reports', label: 'settings.reports', page: ReportsSettings },
  { path: '/settings/storage', label: 'settings.storage', page: () => <MyStorage /> },
  { path: '/settings/site', label: 'settings.site', admin: true, page: SiteSettings },
];

export default function SettingsPage() {
  const t = useT();
  const self = useSelf();
  const [path] = useLocation();
  useTitle(t('settings.title'));
  const list = useRef<HTMLUListElement>(null);
  const here = self !== null && self !== undefined;
  useEffect(() => {
    // On a phone the sections are a row that scrolls; where one is must be in it.
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest', behavior: 'instant' });
  }, [path, here]);
  if (!self) return null;
  const mine = sections.filter((s) => !s.admin || self.is_admin);
  return (
    <>
      <PageHead title={t('settings.title')} back />
      <div className="settings">
        <nav className="settings__nav" aria-label={t('settings.sections')}>
          <ul ref={list}>
            {mine.map((s) => (
              <li key={s.path}>
                <Link href={s.path} aria-current={s.path === path || (s.path !== '/settings' && path.startsWith(`${s.path}/`)) ? 'page' : undefined}>
                  {t(s.label)}
                </Link>
              </li>
            ))}
            {(self.is_admin || self.is_moderator) && (
              <li>
                <Link href="/admin">{t('settings.moderation')}</Link>
              </li>
            )}
          </ul>
          <SignOut />
        </nav>
        <div className="settings__body">
          <Switch>
            {mine.map((s) => (
              <Route key={s.path} path={s.path}>
                <h2>{t(s.label)}</h2>
                <s.page self={self} />
              </Route>
            ))}
            <Route path="/settings/apps/:id">{(p) => <AppPage key={p.id} id={p.id} />}</Route>
            <Route>
              <Redirect to="/settings" replace />
            </Route>
          </Switch>
        </div>
        <div className="settings__foot">
          <SignOut />
        </div>
      </div>
    </>
  );
}

function SignOut() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const out = useMutation({
    mutationFn: api.session.signOut,
    onSuccess: () => {
      navigate('/sign-in', { replace: true });
      client.clear();
      client.setQueryData(keys.self, null);
    },
    onError: toast.fail,
  });
  return (
    <Button kind="quiet" busy={out.isPending} onClick={() => out.mutate()}>
      {t('settings.signOut')}
    </Button>
  );
}
