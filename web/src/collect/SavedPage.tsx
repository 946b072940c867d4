import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useT } from '../i18n';
import { PageHead } from '../shell/PageHead';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { collections, keys, saved } from './api';
import { CollectionPage } from './CollectionPage';
import { Face } from './Face';
import { KeptPosts } from './KeptPosts';
import { NewCollection } from './NewCollection';
import './collect.css';
import './messages';

/** /saved: what one saved, and the collections of it; /saved/{id}: one of these. */
export default function SavedPage({ id }: { id: string | undefined }) {
  return id ? <CollectionPage key={id} id={id} /> : <All />;
}

function All() {
  const t = useT();
  useTitle(t('saved.title'));
  return (
    <>
      <PageHead title={t('saved.title')} back />
      <div className="kept">
        <p className="kept__lead">{t('saved.lead')}</p>
        <Collections />
        <h2>{t('saved.all')}</h2>
        <KeptPosts
          label={t('saved.all')}
          queryKey={keys.saved}
          load={saved.all}
          forget={saved.drop}
          empty={
            <EmptyState icon="bookmark" title={t('saved.empty')}>
              <p className="state__text">{t('saved.emptyText')}</p>
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

function Collections() {
  const t = useT();
  const [, navigate] = useLocation();
  const [making, setMaking] = useState(false);
  const query = useQuery({ queryKey: keys.collections, queryFn: collections.list });
  return (
    <section>
      <div className="kept__row">
        <h2>{t('saved.collections')}</h2>
        <Button kind="quiet" onClick={() => setMaking(true)}>
          {t('collection.new')}
        </Button>
      </div>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="kept__lead">{t('collection.none')}</p>}
      <ul className="sets">
        {query.data?.items.map((c) => (
          <li key={c.id}>
            <Link href={`/saved/${c.id}`} className="sets__one">
              <Face posts={c.faces} />
              <span className="sets__name">{c.name}</span>
              <span className="sets__note">{t('collection.count', { count: c.media_count })}</span>
            </Link>
          </li>
        ))}
      </ul>
      {making && (
        <Dialog title={t('collection.new')} onClose={() => setMaking(false)}>
          <NewCollection onMade={(c) => navigate(`/saved/${c.id}`)} />
        </Dialog>
      )}
    </section>
  );
}
