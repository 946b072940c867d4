import { useState, type FormEvent } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Field, Switch } from '../ui/Field';
import { fieldError } from '../ui/formErrors';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useSafety } from './useSafety';
import './messages';
import './safety.css';

/** Settings: the words that one does not want to read. */
export function HiddenWords() {
  const t = useT();
  const { query, change } = useSafety();
  const [word, setWord] = useState('');
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const { hidden_words: words, cover_feed: covers } = query.data;
  const add = (e: FormEvent) => {
    e.preventDefault();
    if (word.trim() === '') return;
    // Several at once, as they are pasted from elsewhere.
    const more = word.split(/[,，、;；\n]/);
    change.mutate({ patch: { hidden_words: [...words, ...more] } }, { onSuccess: () => setWord('') });
  };
  const remove = (gone: string) =>
    change.mutate({
      patch: { hidden_words: words.filter((w) => w !== gone) },
      say: [t('words.removed', { word: gone }), { label: t('action.undo'), run: () => change.mutate({ patch: { hidden_words: words } }) }],
    });
  return (
    <>
      <section className="settings__part">
        <p className="settings__lead">{t('words.lead')}</p>
        <form className="form" onSubmit={add}>
          <Field label={t('words.add')} hint={t('words.addHint')} value={word} autoComplete="off" error={fieldError(t, change.error, 'words')}
            onChange={(e) => setWord(e.target.value)} />
          <Button type="submit" kind="quiet" busy={change.isPending} disabled={word.trim() === ''}>
            {t('words.addAction')}
          </Button>
        </form>
        {words.length === 0 ? (
          <p className="field__hint">{t('words.none')}</p>
        ) : (
          <ul className="word-chips" aria-label={t('words.list')}>
            {words.map((w) => (
              <li key={w}>
                <button type="button" className="word-chip" aria-label={t('words.remove', { word: w })} disabled={change.isPending} onClick={() => remove(w)}>
                  {w}
                  <Icon name="close" size={16} />
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="settings__part">
        <Switch label={t('words.cover')} hint={t('words.coverHint')} checked={change.isPending ? (change.variables.patch.cover_feed ?? covers) : covers}
          disabled={change.isPending} onChange={(on) => change.mutate({ patch: { cover_feed: on } })} />
      </section>
    </>
  );
}
