import { useEffect, useRef, useState, type RefObject } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { Suggestions } from '../feed/Suggestions';
import { useI18n, useT } from '../i18n';
import { useSelf } from '../session';
import { PageHead } from '../shell/PageHead';
import { FollowedTags } from '../tags/FollowedTags';
import { useDebounced, useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { EmptyState } from '../ui/States';
import { ask, searchPath, tabs, toTab, withFrom, type Asked, type Tab } from './query';
import { Recent } from './Recent';
import { useRecent } from './useRecent';
import { Photos, Rows, Top } from './Results';
import { useArrows } from './useArrows';
import './search.css';
import './messages';

/** /search: people, tags, places and photos, by what is typed; the address has the question. */
export default function SearchPage() {
  const t = useT();
  const [params] = useSearchParams();
  const [, navigate] = useLocation();
  const q = params.get('q') ?? '';
  const tab = toTab(params.get('tab'));
  useTitle(q === '' ? t('search.title') : `${q} · ${t('search.title')}`);
  const page = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useText(q, (written) => navigate(searchPath(written, tab), { replace: true }));
  const { remember, ...recent } = useRecent(useSelf()?.id ?? '');
  useArrows(page, box);
  useEffect(() => {
    // On a phone the keyboard would hide what is suggested.
    if (window.matchMedia('(hover: hover)').matches) box.current?.focus();
  }, []);
  const asked = ask(q);
  const put = (next: string) => {
    setText(next);
    box.current?.focus();
  };

  return (
    <>
      <PageHead title={t('search.title')} />
      <div className="column column--text" ref={page}>
        <form
          role="search"
          className="search"
          onSubmit={(e) => {
            e.preventDefault();
            remember(text);
            navigate(searchPath(text.trim(), tab), { replace: true });
          }}
        >
          <Icon name="search" size={20} />
          <input
            ref={box}
            type="search"
            value={text}
            maxLength={60}
            placeholder={t('search.placeholder')}
            aria-label={t('search.label')}
            aria-describedby="search-help"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            enterKeyHint="search"
            onChange={(e) => setText(e.target.value)}
          />
        </form>
        <Operators asked={asked} tab={tab} text={text} onChange={put} />
        <Tabs q={q} tab={tab} />
        {asked.q === '' ? (
          <Start tab={tab}>
            <Recent {...recent} />
          </Start>
        ) : (
          <Found asked={asked} tab={tab} onOpen={() => remember(asked.q)} />
        )}
      </div>
    </>
  );
}

/** What is typed. It goes to the address once it has rested; where the address changes by itself, on the way back, it follows. */
function useText(q: string, onRest: (written: string) => void) {
  const [text, setText] = useState(q);
  const [seen, see] = useState(q);
  const rested = useDebounced(text.trim(), 200);
  if (q !== seen) {
    see(q);
    if (q !== text.trim() && q !== rested) setText(q);
  }
  const write = useRef(onRest);
  useEffect(() => {
    write.current = onRest;
  });
  const written = useRef(rested);
  useEffect(() => {
    if (rested === written.current) return;
    written.current = rested;
    write.current(rested);
  }, [rested]);
  return [text, setText] as const;
}

/** Whose photos are searched, and how to change that. */
function Operators({ asked, tab, text, onChange }: { asked: Asked; tab: Tab; text: string; onChange: (q: string) => void }) {
  const { t, rich } = useI18n();
  const photos = tab === 'top' || tab === 'photos';
  return (
    <div className="search__operators">
      {asked.q !== '' && photos && (
        <button type="button" className="search__chip" aria-pressed={asked.from !== null} onClick={() => onChange(withFrom(text, asked.from === null ? 'me' : null))}>
          {asked.from === null || asked.from === 'me' ? t('search.onlyMine') : t('search.onlyFrom', { name: asked.from })}
          {asked.from !== null && <Icon name="close" size={16} />}
        </button>
      )}
      <p id="search-help" className={asked.q === '' || tab === 'photos' ? 'search__note' : 'visually-hidden'}>
        {rich('search.help', { me: <code key="me">from:me</code>, name: <code key="name">from:name</code> })}
      </p>
    </div>
  );
}

function Tabs({ q, tab }: { q: string; tab: Tab }) {
  const t = useT();
  return (
    <nav aria-label={t('search.tabs')}>
      <ul className="search__tabs">
        {tabs.map((one) => (
          <li key={one}>
            <Link href={searchPath(q, one)} aria-current={one === tab ? 'page' : undefined}>
              {t(`search.tab.${one}`)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Before anything is typed. */
function Start({ tab, children }: { tab: Tab; children: React.ReactNode }) {
  const t = useT();
  return (
    <div data-results>
      {children}
      {tab === 'top' && <Ways />}
      {(tab === 'top' || tab === 'tags') && <FollowedTags />}
      {(tab === 'top' || tab === 'people') && <Suggestions max={20} />}
      {(tab === 'places' || tab === 'photos') && <EmptyState icon={tab === 'places' ? 'pin' : 'camera'} title={t(`search.start.${tab}`)} />}
    </div>
  );
}

/** What can be written into the box. */
function Ways() {
  const t = useT();
  return (
    <section aria-labelledby="ways-to-search">
      <h2 id="ways-to-search" className="section-title">
        {t('search.ways')}
      </h2>
      <dl className="search__ways">
        {(['tag', 'person', 'place', 'words', 'from'] as const).map((way) => (
          <div key={way}>
            <dt>
              <code>
                {way === 'tag' && '#'}
                {t(`search.way.${way}`)}
              </code>
            </dt>
            <dd>{t(`search.way.${way}Text`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Found({ asked, tab, onOpen }: { asked: Asked; tab: Tab; onOpen: () => void }) {
  const results: RefObject<HTMLDivElement | null> = useRef(null);
  const open = useRef(onOpen);
  useEffect(() => {
    open.current = onOpen;
  });
  useEffect(() => {
    const place = results.current;
    // Who follows a result has found what they looked for.
    const onClick = (e: Event) => e.target instanceof Element && e.target.closest('a') && open.current();
    place?.addEventListener('click', onClick, true);
    return () => place?.removeEventListener('click', onClick, true);
  }, []);
  return (
    <div ref={results} data-results>
      {tab === 'top' ? <Top asked={asked} /> : tab === 'photos' ? <Photos asked={asked} /> : <Rows key={tab} kind={tab} asked={asked} />}
    </div>
  );
}
