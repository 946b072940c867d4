import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { Suggestions } from '../feed/Suggestions';
import { PersonRow } from '../graph/PersonRow';
import { useT } from '../i18n';
import { PageHead } from '../shell/PageHead';
import { FollowedTags } from '../tags/FollowedTags';
import { TagRow } from '../tags/TagRow';
import { useDebounced, useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { EmptyState, ErrorState } from '../ui/States';

/** People and tags by name. */
export function PeoplePage() {
  const t = useT();
  useTitle(t('people.title'));
  const [text, setText] = useState('');
  const written = useDebounced(text.trim(), 200);
  const q = written.replace(/^[@#＃]/, '');
  const onlyTags = /^[#＃]/.test(written);
  const onlyPeople = written.startsWith('@');
  const query = useQuery({
    queryKey: keys.search(q),
    queryFn: ({ signal }) => api.users.search(q, signal),
    enabled: q !== '' && !onlyTags,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const tagQuery = useQuery({
    queryKey: keys.tagSearch(q),
    queryFn: ({ signal }) => api.tags.search(q, signal),
    enabled: q !== '' && !onlyPeople,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const found = q === '' || onlyTags ? [] : (query.data?.items ?? []);
  const tags = q === '' || onlyPeople ? [] : (tagQuery.data?.items ?? []).slice(0, onlyTags ? 20 : 5);
  const asked = [...(onlyTags ? [] : [query]), ...(onlyPeople ? [] : [tagQuery])];
  const known = q !== '' && asked.every((a) => a.isSuccess && !a.isPlaceholderData);
  const failed = q === '' ? undefined : asked.find((a) => a.isError);

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
          {known ? t('people.found', { count: found.length + tags.length }) : ''}
        </p>
        {failed && <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />}
        {tags.length > 0 && (
          <section aria-labelledby="found-tags">
            <h2 id="found-tags" className="section-title">
              {t('tag.results')}
            </h2>
            <ul className="people" aria-busy={tagQuery.isFetching}>
              {tags.map((tag) => (
                <TagRow key={tag.name} tag={tag} />
              ))}
            </ul>
          </section>
        )}
        {found.length > 0 && (
          <section aria-labelledby="found-people">
            <h2 id="found-people" className="section-title">
              {t('people.results')}
            </h2>
            <ul className="people" aria-busy={query.isFetching}>
              {found.map((u) => (
                <PersonRow key={u.id} user={u} />
              ))}
            </ul>
          </section>
        )}
        {known && found.length + tags.length === 0 && (
          <EmptyState icon="people" title={t('people.noneTitle')}>
            <p className="state__text">{t('people.noneText', { q })}</p>
          </EmptyState>
        )}
        {q === '' && <FollowedTags />}
        {q === '' && <Suggestions max={20} />}
      </div>
    </>
  );
}
