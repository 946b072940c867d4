import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { UserShort } from '../api/types';
import { findUsers } from '../compose/send';
import { useT } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { useDebounced } from '../ui/hooks';
import './messages';

/** Finds a person by name: arrow keys choose, Enter takes, Escape closes. */
export function FindPerson({ without, onChoose, onClose }: { without: readonly string[]; onChoose: (u: UserShort) => void; onClose: () => void }) {
  const t = useT();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const typed = useDebounced(text.trim(), 150);
  const query = useQuery({ queryKey: ['people', 'to-tag', typed], queryFn: ({ signal }) => findUsers(typed, signal), enabled: typed !== '', staleTime: 60_000 });
  const found = typed === '' ? [] : (query.data ?? []).filter((u) => !without.includes(u.id));
  const now = Math.min(chosen, found.length - 1);
  useEffect(() => {
    input.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    // All of it, as it grows: what is found must not lie under the bar at the foot of the page.
    input.current?.closest('.tagger__find')?.scrollIntoView({ block: 'nearest' });
  }, [found.length]);
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return;
    const user = found[now];
    if (e.key === 'Escape') {
      e.stopPropagation(); // of what is around it, too
      onClose();
    } else if (e.key === 'Enter') {
      if (user) onChoose(user);
    } else if (e.key === 'ArrowDown' && user) setChosen((now + 1) % found.length);
    else if (e.key === 'ArrowUp' && user) setChosen((now + found.length - 1) % found.length);
    else return;
    e.preventDefault();
  };
  return (
    <div className="tagger__find">
      <div className="field">
        <label htmlFor={id}>{t('inphoto.search')}</label>
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          value={text}
          placeholder={t('inphoto.placeholder')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-autocomplete="list"
          aria-expanded={found.length > 0}
          aria-controls={found.length > 0 ? `${id}-list` : undefined}
          aria-activedescendant={found.length > 0 ? `${id}-${now}` : undefined}
          onChange={(e) => {
            setText(e.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {found.length > 0 && (
        <div id={`${id}-list`} role="listbox" aria-label={t('inphoto.choices')} className="tagger__choices">
          {found.map((u, i) => (
            // The keyboard has its way through the text field.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div key={u.id} id={`${id}-${i}`} role="option" tabIndex={-1} aria-selected={i === now} onPointerDown={(e) => e.preventDefault()} onClick={() => onChoose(u)}>
              <Avatar user={u} size={28} />
              <span>
                <strong>{u.username}</strong>
                <small>{u.full_name}</small>
              </span>
            </div>
          ))}
        </div>
      )}
      <p className="visually-hidden" aria-live="polite">
        {typed !== '' && query.isSuccess ? t('inphoto.found', { count: found.length }) : ''}
      </p>
      {typed !== '' && query.isSuccess && found.length === 0 && <p className="field__hint">{t('inphoto.found', { count: 0 })}</p>}
      <Button kind="quiet" onClick={onClose}>
        {t('inphoto.cancel')}
      </Button>
    </div>
  );
}
