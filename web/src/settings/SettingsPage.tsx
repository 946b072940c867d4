import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Fragment, lazy, type ComponentType } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import * as api from '../api/endpoints';
import { keys } from '../api/cache';
import type { Self } from '../api/types';
import { useT, type MessageKey, type T } from '../i18n';
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

interface Section {
  path: string;
  label: MessageKey;
  page: ComponentType<{ self: Self }>;
}

/** What can be set, by what people come for. */
const groups: readonly { label: MessageKey; admin?: boolean; sections: readonly Section[] }[] = [
  {
    label: 'settings.groupYou',
    sections: [
      { path: '/settings/profile', label: 'settings.profile', page: ProfileSettings },
      { path: '/settings/account', label: 'settings.account', page: AccountSettings },
      { path: '/settings/appearance', label: 'settings.appearance', page: AppearanceSettings },
      { path: '/settings/activity', label: 'settings.activity', page: ActivitySettings },
    ],
  },
  {
    label: 'settings.groupOthers',
    sections: [
      { path: '/settings/comments', label: 'settings.comments', page: CommentSettings },
      { path: '/settings/words', label: 'settings.words', page: HiddenWords },
      { path: '/settings/muted', label: 'settings.muted', page: MutedSettings },
      { path: '/settings/restricted', label: 'settings.restricted', page: RestrictedSettings },
      { path: '/settings/reports', label: 'settings.reports', page: ReportsSettings },
    ],
  },
  {
    label: 'settings.groupAccess',
    sections: [
      { path: '/settings/sessions', label: 'settings.sessions', page: SessionsSettings },
      { path: '/settings/apps', label: 'settings.apps', page: AppsSettings },
      { path: '/settings/links', label: 'settings.links', page: LinksSettings },
    ],
  },
  {
    label: 'settings.groupData',
    sections: [
      { path: '/settings/data', label: 'settings.data', page: DataSettings },
      { path: '/settings/storage', label: 'settings.storage', page: () => <MyStorage /> },
    ],
  },
  { label: 'settings.groupSite', admin: true, sections: [{ path: '/settings/site', label: 'settings.site', page: SiteSettings }] },
];

/** Where /settings leads: on a wide page the first section is shown beside the list; a phone shows the list alone. */
const first = '/settings/profile';

export default function SettingsPage() {
  const t = useT();
  const self = useSelf();
  const [path] = useLocation();
  useTitle(t('settings.title'));
  if (!self) return null;
  const menu = path === '/settings';
  const mine = groups.filter((g) => !g.admin || self.is_admin);
  const moderates = self.is_admin || self.is_moderator;
  const current = (at: string) => (at === path || path.startsWith(`${at}/`) || (menu && at === first) ? 'page' : undefined);
  return (
    <>
      <PageHead title={t('settings.title')} back />
      <div className={menu ? 'settings settings--menu' : 'settings settings--section'}>
        <nav className="settings__nav settings__groups" aria-label={t('settings.sections')}>
          {mine.map((g) => (
            <Fragment key={g.label}>
              <h2>{t(g.label)}</h2>
              <ul>
                {g.sections.map((s) => (
                  <li key={s.path}>
                    <Link href={s.path} aria-current={current(s.path)}>
                      {t(s.label)}
                    </Link>
                  </li>
                ))}
                {g.admin && <li>{moderation(t)}</li>}
              </ul>
            </Fragment>
          ))}
          {moderates && !self.is_admin && (
            <ul>
              <li>{moderation(t)}</li>
            </ul>
          )}
          <SignOut />
        </nav>
        <div className="settings__body">
          <Switch>
            {mine.flatMap((g) => g.sections).map((s) => (
              <Route key={s.path} path={s.path}>
                <h2>{t(s.label)}</h2>
                <s.page self={self} />
              </Route>
            ))}
            <Route path="/settings">
              <h2>{t('settings.profile')}</h2>
              <ProfileSettings self={self} />
            </Route>
            <Route path="/settings/apps/:id">{(p) => <AppPage key={p.id} id={p.id} />}</Route>
            <Route>
              <Redirect to="/settings" replace />
            </Route>
          </Switch>
        </div>
      </div>
    </>
  );
}

const moderation = (t: T) => <Link href="/admin">{t('settings.moderation')}</Link>;

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
