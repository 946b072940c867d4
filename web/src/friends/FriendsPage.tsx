import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { UserShort } from '../api/types';
import { PersonRow } from '../graph/PersonRow';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { PageHead } from '../shell/PageHead';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { useDebounced, useTitle } from '../ui/hooks';
import { Listing, useListing } from '../ui/Listing';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { friends, friendsKey } from './api';
import { useSetFriend } from './useSetFriend';
import './messages';

/** /close-friends: who sees what one shares with close friends. */
export default function FriendsPage() {
  const t = useT();
  useTitle(t('friends.title'));
  const [text, setText] = useState('');
  const q = useDebounced(text.trim(), 200);
  return (
    <>
      <PageHead title={t('friends.title')} back />
      <div className="column column--text">
        <p className="page-lead">{t('friends.lead')}</p>
        <div className="form">
          <Field label={t('friends.search')} type="search" value={text} maxLength={60} autoCapitalize="none" autoComplete="off" spellCheck={false}
            enterKeyHint="search" onChange={(e) => setText(e.currentTarget.value)} />
        </div>
        {q === '' ? <List /> : <Found q={q} />}
      </div>
    </>
  );
}

/** All who are on the list. */
function List() {
  const t = useT();
  return (
    <Listing
      query={useListing(friendsKey, friends.list)}
      empty={
        <EmptyState icon="star" title={t('friends.emptyTitle')}>
          <p className="state__text">{t('friends.emptyText')}</p>
        </EmptyState>
      }
    >
      {(people) => (
        <section aria-label={t('friends.list')}>
          <People people={people} on={() => true} />
        </section>
      )}
    </Listing>
  );
}

/** Whom a search finds, whether on the list or not. */
function Found({ q }: { q: string }) {
  const t = useT();
  const self = useSelf();
  const found = useQuery({ queryKey: keys.search(q), queryFn: ({ signal }) => api.users.search(q, signal), placeholderData: keepPreviousData });
  const among = useQuery({ queryKey: [...friendsKey, q], queryFn: ({ signal }) => friends.find(q, signal), placeholderData: keepPreviousData });
  const failed = [found, among].find((x) => x.isError);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void Promise.all([found.refetch(), among.refetch()])} />;
  if (!found.data || !among.data) return <Spinner />;
  const people = found.data.items.filter((u) => u.id !== self?.id);
  if (people.length === 0) return <p className="state__text" role="status">{t('friends.noneFound')}</p>;
  const on = new Set(among.data.items.map((u) => u.id));
  return (
    <section aria-label={t('friends.found')} aria-busy={found.isPlaceholderData || among.isPlaceholderData}>
      <People people={people} on={(u) => on.has(u.id)} />
    </section>
  );
}

function People({ people, on }: { people: readonly UserShort[]; on: (u: UserShort) => boolean }) {
  const t = useT();
  const { set, busy } = useSetFriend();
  return (
    <ul className="people">
      {people.map((u) => {
        const there = on(u);
        return (
          <PersonRow
            key={u.id}
            user={u}
            action={
              <Button kind={there ? 'quiet' : 'primary'} busy={busy(u)} aria-label={t(there ? 'friends.removeName' : 'friends.addName', { name: u.username })}
                onClick={() => set(u, !there)}>
                {t(there ? 'friends.remove' : 'friends.add')}
              </Button>
            }
          />
        );
      })}
    </ul>
  );
}
