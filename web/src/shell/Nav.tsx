import { Link, useLocation } from 'wouter';
import type { Self } from '../api/types';
import { useT } from '../i18n';
import { useSite } from '../session';
import { Avatar } from '../ui/Avatar';
import { Icon, type IconName } from '../ui/Icon';
import { Wordmark } from '../ui/Mark';

/** The tab bar of phones, the rail of wide screens: one list, placed by CSS. */
export function Nav({ self }: { self: Self }) {
  const t = useT();
  const site = useSite();
  const unread = self.unread_activity;
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      <Link href="/" className="nav__brand" aria-label={site?.name ?? t('app.name')}>
        <Wordmark size={32} name={site?.name} />
      </Link>
      <ul className="nav__list">
        <Tab href="/" icon="home" label={t('nav.home')} />
        <Tab href="/search" icon="search" label={t('nav.search')} />
        <Tab href="/explore" icon="compass" label={t('nav.explore')} />
        <Tab href="/new" icon="plus" label={t('nav.new')} />
        <Tab href="/activity" icon="heart" label={t('nav.activity')} badge={unread} />
        <li>
          <NavLink href={`/${self.username}`}>
            <Avatar user={self} size={22} />
            <span className="nav__label">{t('nav.profile')}</span>
          </NavLink>
        </li>
        <li className="nav__wide">
          <NavLink href="/settings">
            <Icon name="gear" size={26} />
            <span className="nav__label">{t('nav.settings')}</span>
          </NavLink>
        </li>
      </ul>
    </nav>
  );
}

function NavLink({ href, children }: { href: string; children: React.ReactNode }) {
  const [path] = useLocation();
  const here = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      className={here ? 'nav__link nav__link--here' : 'nav__link'}
      aria-current={here ? 'page' : undefined}
      onClick={() => {
        // The tab of the page one is on leads to its top.
        if (path === href) window.scrollTo({ top: 0 });
      }}
    >
      {children}
    </Link>
  );
}

function Tab({ href, icon, label, badge = 0 }: { href: string; icon: IconName; label: string; badge?: number }) {
  const t = useT();
  return (
    <li>
      <NavLink href={href}>
        <span className="nav__icon">
          <Icon name={icon} size={26} />
          {badge > 0 && (
            <span className="nav__badge">
              <span aria-hidden="true">{badge > 99 ? '99+' : badge}</span>
              <span className="visually-hidden">{t('nav.unread', { count: badge })}</span>
            </span>
          )}
        </span>
        <span className="nav__label">{label}</span>
      </NavLink>
    </li>
  );
}
