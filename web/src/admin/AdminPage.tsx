import { lazy, Suspense, useEffect, useRef, type ComponentType } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useT, type MessageKey } from '../i18n';
import { useSelf } from '../session';
import { FailedJobs } from '../settings/FailedJobs';
import { Invites } from '../settings/Invites';
import { Knobs } from '../settings/Knobs';
import { PageHead } from '../shell/PageHead';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { EmptyState } from '../ui/States';
import { Appeals } from './Appeals';
import { Audit } from './Audit';
import { CasePage } from './CasePage';
import { Members } from './Members';
import { Queue } from './Queue';
import '../settings/settings.css';
import './admin.css';
import './messages';

const SiteStorage = lazy(() => import('../storage/SiteStorage'));

const sections: readonly { path: string; label: MessageKey; admin?: boolean; page: ComponentType }[] = [
  { path: '/admin', label: 'admin.queue', page: Queue },
  { path: '/admin/appeals', label: 'admin.appeals', page: Appeals },
  { path: '/admin/users', label: 'admin.users', admin: true, page: Members },
  { path: '/admin/audit', label: 'admin.audit', admin: true, page: Audit },
  { path: '/admin/invites', label: 'admin.invites', admin: true, page: Invites },
  { path: '/admin/storage', label: 'admin.storage', admin: true, page: SiteStorage },
  { path: '/admin/jobs', label: 'admin.jobs', admin: true, page: FailedJobs },
  { path: '/admin/knobs', label: 'admin.knobs', admin: true, page: Knobs },
];

/** For those who run the site: moderators see reports and appeals, admins everything. */
export default function AdminPage() {
  const t = useT();
  const self = useSelf();
  const [path] = useLocation();
  useTitle(t('admin.title'));
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // On a phone the sections are a row that scrolls; where one is must be in it.
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest', behavior: 'instant' });
  }, [path]);
  if (!self) return null;
  if (!self.is_admin && !self.is_moderator) return <EmptyState icon="lock" title={t('admin.not')} page />;
  const mine = sections.filter((s) => !s.admin || self.is_admin);
  const here = (p: string) => p === path || (p === '/admin' && path.startsWith('/admin/reports/'));
  return (
    <>
      <PageHead title={t('admin.title')} back />
      <div className="settings">
        <nav className="settings__nav" aria-label={t('admin.sections')}>
          <ul ref={list}>
            {mine.map((s) => (
              <li key={s.path}>
                <Link href={s.path} aria-current={here(s.path) ? 'page' : undefined}>
                  {t(s.label)}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="settings__body admin__body">
          <Switch>
            {mine.map((s) => (
              <Route key={s.path} path={s.path}>
                <h2>{t(s.label)}</h2>
                <Suspense fallback={<Spinner />}>
                  <s.page />
                </Suspense>
              </Route>
            ))}
            <Route path="/admin/reports/:id">{(p) => <CasePage key={p.id} id={p.id} />}</Route>
            <Route>
              <Redirect to="/admin" replace />
            </Route>
          </Switch>
        </div>
      </div>
    </>
  );
}
