import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { Suggestions } from '../feed/Suggestions';
import { PersonRow } from '../graph/PersonRow';
import { useT } from '../i18n';
import { PageHead } from '../shell/PageHead';
import { useDebounced, useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { EmptyState, ErrorState } from '../ui/States';

/** People by name. */
export function PeoplePage() {
  const t = useT();
  useTitle(t('people.title'));
  const [text, setText] = useState('');
  const q = useDebounced(text.trim().replace(/^@/, ''), 200);
  const query = useQuery({
    queryKey: keys.search(q),
    queryFn: ({ signal }) => api.users.search(q, signal),
    enabled: q !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const found = q === '' ? [] : (query.data?.items ?? []);

  return (
    <>
      <PageHead title={t('people.title')} />
      <div className="column column--text">
        <form role="search" className="search" onSubmit={(e) => e.preventDefault()}>
          <Icon name="search" size={20} />
          <input
            type="search"
            value={text}
            maxLength={60}
            placeholder={t('people.placeholder')}
            aria-label={t('people.placeholder')}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            enterKeyHint="search"
            onChange={(e) => setText(e.target.value)}
          />
        </form>
        <p className="visually-hidden" role="status">
          {q !== '' && query.isSuccess && !query.isPlaceholderData ? t('people.found', { count: found.length }) : ''}
        </p>
        {query.isError && q !== '' && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        <ul className="people" aria-busy={query.isFetching}>
          {found.map((u) => (
            <PersonRow key={u.id} user={u} />
          ))}
        </ul>
        {q !== '' && query.isSuccess && found.length === 0 && (
          <EmptyState icon="people" title={t('people.noneTitle')}>
            <p className="state__text">{t('people.noneText', { q })}</p>
          </EmptyState>
        )}
        {q === '' && <Suggestions max={20} />}
      </div>
    </>
  );
}
