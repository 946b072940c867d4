import { useQuery } from '@tanstack/react-query';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { PersonRow } from '../graph/PersonRow';
import { useT } from '../i18n';

/** People to follow. Those just followed stay in the list until it is loaded anew, so that nothing jumps. */
export function Suggestions({ max = 6 }: { max?: number }) {
  const t = useT();
  const query = useQuery({ queryKey: keys.suggested, queryFn: api.users.suggested, staleTime: Infinity });
  const people = query.data?.items.slice(0, max) ?? [];
  if (people.length === 0) return null;
  return (
    <section className="suggestions">
      <h2>{t('suggest.title')}</h2>
      <ul className="people">
        {people.map((u) => (
          <PersonRow key={u.id} user={u} />
        ))}
      </ul>
    </section>
  );
}
