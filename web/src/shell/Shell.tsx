import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { HelpDialog } from './HelpDialog';
import { Nav } from './Nav';
import { OfflineBanner } from './OfflineBanner';
import { useShortcuts } from './shortcuts';
import { useArrival } from './useArrival';

// A convenience: where its code cannot be had, the page does without.
const GlobalDrop = lazy(() => import('../compose/GlobalDrop').then((m) => ({ default: m.GlobalDrop })).catch(() => ({ default: () => null })));

/** The frame of every page: skip link, navigation, the page itself. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useT();
  const self = useSelf();
  const [help, setHelp] = useState(false);
  useArrival();
  const [, navigate] = useLocation();
  useShortcuts({
    '?': () => setHelp(true),
    '/': () => {
      const box = document.querySelector<HTMLInputElement>('input[type=search]');
      if (box) {
        box.focus();
        box.select();
      } else if (self) navigate('/search');
      else return false;
    },
    e: () => navigate('/explore'),
  });
  return (
    <div className={self ? 'shell shell--in' : 'shell'}>
      <a className="skip-link" href="#main">
        {t('nav.skip')}
      </a>
      <OfflineBanner />
      {self && <Nav self={self} />}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {self && (
        <Suspense fallback={null}>
          <GlobalDrop />
        </Suspense>
      )}
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  );
}
