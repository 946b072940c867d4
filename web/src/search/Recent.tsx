import { Link } from 'wouter';
import { useT } from '../i18n';
import { Button, IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { useToast } from '../ui/Toasts';
import { searchPath } from './query';
import type { useRecent } from './useRecent';
import './messages';

/** What was looked for last; nothing where there is none. */
export function Recent({ recent, forget, restore }: Omit<ReturnType<typeof useRecent>, 'remember'>) {
  const t = useT();
  const toast = useToast();
  if (recent.length === 0) return null;
  const back = { label: t('search.undo'), run: () => restore(recent) };
  return (
    <section aria-labelledby="recent-searches">
      <div className="search__head">
        <h2 id="recent-searches" className="section-title">
          {t('search.recent')}
        </h2>
        <Button
          kind="text"
          onClick={() => {
            restore([]);
            toast.say(t('search.forgotten'), back);
          }}
        >
          {t('search.forgetAll')}
        </Button>
      </div>
      <ul>
        {recent.map((q) => (
          <li key={q} className="search__recent">
            <Link href={searchPath(q)}>
              <Icon name="search" size={18} />
              <span>{q}</span>
            </Link>
            <IconButton icon="close" size={18} label={t('search.forget', { q })} onClick={() => forget(q)} />
          </li>
        ))}
      </ul>
      <p className="search__note">{t('search.recentNote')}</p>
    </section>
  );
}
