import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { PersonRow } from '../graph/PersonRow';
import { useT } from '../i18n';
import { PlaceRow } from '../places/PlaceRow';
import { Grid } from '../post/Grid';
import { PostPages } from '../post/PostPages';
import { TagRow } from '../tags/TagRow';
import { EmptyState, ErrorState } from '../ui/States';
import { searchPath, type Asked, type Kind, type Tab } from './query';
import { GridSkeleton, RowsSkeleton } from './Skeletons';
import { photosOf, useFound } from './useFound';
import './messages';

/** How many of each kind the first tab shows. */
const few = { people: 4, tags: 4, places: 3, photos: 9 };

/** What is found of every kind that a question can be about, a few of each. */
export function Top({ asked }: { asked: Asked }) {
  const t = useT();
  const found = useFound(asked, asked.kinds);
  const sections: Record<Kind, ReactNode> = {
    people: found.people.slice(0, few.people).map((u) => <PersonRow key={u.id} user={u} />),
    tags: found.tags.slice(0, few.tags).map((tag) => <TagRow key={tag.name} tag={tag} />),
    places: found.places.slice(0, few.places).map((p) => <PlaceRow key={p.id} place={p} />),
    photos: <Grid posts={found.photos.slice(0, few.photos)} />,
  };
  const count = asked.kinds.reduce((n, kind) => n + Math.min(found[kind].length, few[kind]), 0);
  return (
    <>
      <Told known={found.known} count={count} />
      {asked.kinds.map((kind) => {
        if (!found.waiting(kind) && found[kind].length === 0) return null;
        return (
          <section key={kind} aria-labelledby={`found-${kind}`} aria-busy={found.old}>
            <div className="search__head">
              <h2 id={`found-${kind}`} className="section-title">
                {t(`search.tab.${kind}`)}
              </h2>
              {found[kind].length > few[kind] && <Link href={searchPath(asked.q, kind)}>{t(`search.all.${kind}`)}</Link>}
            </div>
            {found.waiting(kind) ? (
              kind === 'photos' ? <GridSkeleton /> : <RowsSkeleton rows={2} />
            ) : kind === 'photos' ? (
              sections[kind]
            ) : (
              <ul className="people">{sections[kind]}</ul>
            )}
          </section>
        );
      })}
      {found.failed && <ErrorState error={found.failed.error} onRetry={() => void found.failed?.refetch()} />}
      {found.known && count === 0 && <None asked={asked} tab="top" />}
    </>
  );
}

/** People, tags or places that begin so. */
export function Rows({ kind, asked }: { kind: 'people' | 'tags' | 'places'; asked: Asked }) {
  const found = useFound(asked, [kind]);
  const rows = {
    people: found.people.map((u) => <PersonRow key={u.id} user={u} />),
    tags: found.tags.map((tag) => <TagRow key={tag.name} tag={tag} />),
    places: found.places.map((p) => <PlaceRow key={p.id} place={p} />),
  }[kind];
  return (
    <>
      <Told known={found.known} count={rows.length} />
      {found.failed && <ErrorState error={found.failed.error} onRetry={() => void found.failed?.refetch()} />}
      {found.waiting(kind) && <RowsSkeleton />}
      {rows.length > 0 && (
        <ul className="people" aria-busy={found.old}>
          {rows}
        </ul>
      )}
      {(!found.any || (found.known && rows.length === 0)) && <None asked={asked} tab={kind} />}
    </>
  );
}

/** Photos whose captions have the words. */
export function Photos({ asked }: { asked: Asked }) {
  return <PostPages {...photosOf(asked.q)} waiting={<GridSkeleton rows={3} />} empty={<None asked={asked} tab="photos" />} />;
}

/** Says how much there is to who cannot see it. */
function Told({ known, count }: { known: boolean; count: number }) {
  const t = useT();
  return (
    <p className="visually-hidden" role="status">
      {known ? t('search.found', { count }) : ''}
    </p>
  );
}

function None({ asked, tab }: { asked: Asked; tab: Tab }) {
  const t = useT();
  return (
    <EmptyState icon="search" title={t('search.noneTitle')}>
      <p className="state__text">{t(`search.none.${tab}`, { q: asked.q })}</p>
      {(tab === 'top' || tab === 'photos') && <p className="state__text">{t('search.hint')}</p>}
    </EmptyState>
  );
}
