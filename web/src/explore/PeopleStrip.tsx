import { Link } from 'wouter';
import { FollowButton } from '../graph/FollowButton';
import { reasonText, useSuggestions } from '../graph/useSuggestions';
import { useT } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import './messages';

/** People to follow, side by side; nothing where there are none, or they cannot be had now. */
export function PeopleStrip() {
  const t = useT();
  const { query, people, dismiss } = useSuggestions();
  if (query.isPending) return <div className="strip strip--waiting skeleton" aria-hidden="true" />;
  if (people.length === 0) return null;
  return (
    <section aria-labelledby="explore-people">
      <header className="explore__head">
        <h2 id="explore-people">{t('suggest.title')}</h2>
        <Link href="/search?tab=people">{t('explore.morePeople')}</Link>
      </header>
      {/* It scrolls, so keys must reach it; its links are stops, too. */}
      <ul className="strip">
        {people.map((u) => (
          <li key={u.id} className="strip__card">
            <IconButton icon="close" size={18} className="strip__close" label={t('suggest.dismiss', { name: u.username })} onClick={() => dismiss(u)} />
            <Link href={`/${u.username}`} className="strip__who">
              <Avatar user={u} size={64} />
              <strong>{u.username}</strong>
            </Link>
            <p>{reasonText(t, u.reason)}</p>
            <FollowButton user={u} />
          </li>
        ))}
      </ul>
    </section>
  );
}
