import { PersonRow } from '../graph/PersonRow';
import { reasonText, useSuggestions } from '../graph/useSuggestions';
import { useT } from '../i18n';
import { IconButton } from '../ui/Button';

/** People to follow, each with the reason. */
export function Suggestions({ max = 6 }: { max?: number }) {
  const t = useT();
  const { people, dismiss } = useSuggestions();
  if (people.length === 0) return null;
  return (
    <section className="suggestions">
      <h2>{t('suggest.title')}</h2>
      <ul className="people">
        {people.slice(0, max).map((u) => (
          <PersonRow key={u.id} user={u} note={reasonText(t, { ...u.reason, names: u.reason.names.slice(0, 1) })}>
            <IconButton icon="close" size={18} label={t('suggest.dismiss', { name: u.username })} onClick={() => dismiss(u)} />
          </PersonRow>
        ))}
      </ul>
    </section>
  );
}
