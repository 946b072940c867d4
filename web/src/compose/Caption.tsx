import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { UserShort } from '../api/types';
import { useT } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { useDebounced } from '../ui/hooks';
import { complete, mentionAt, type Token } from './mention';
import { findUsers } from './send';
import css from './compose.module.css';

interface Props {
  value: string;
  limit: number;
  onChange: (v: string) => void;
}

/** The caption, completing @mentions as they are written: arrow keys choose, Enter or Tab takes, Escape closes. */
export function Caption({ value, limit, onChange }: Props) {
  const t = useT();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [token, setToken] = useState<Token | null>(null);
  const [at, setAt] = useState(0);
  const found = useUsers(token?.query);
  const open = token !== null && found.length > 0;
  const left = limit - [...value].length;

  const look = () => {
    const el = area.current;
    if (!el) return;
    const next = el.selectionStart === el.selectionEnd ? mentionAt(el.value, el.selectionStart) : null;
    setToken((old) => (old?.query === next?.query && old?.from === next?.from ? old : next));
    if (next?.query !== token?.query) setAt(0);
  };
  const take = (user: UserShort) => {
    if (!token) return;
    const done = complete(value, token, user.username);
    onChange(done.text);
    setToken(null);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(done.caret, done.caret);
    });
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (!open || e.nativeEvent.isComposing) return;
    const chosen = found[Math.min(at, found.length - 1)]!;
    if (e.key === 'ArrowDown') setAt((at + 1) % found.length);
    else if (e.key === 'ArrowUp') setAt((at + found.length - 1) % found.length);
    else if (e.key === 'Enter' || (e.key === 'Tab' && !e.shiftKey)) take(chosen);
    else if (e.key === 'Escape') setToken(null);
    else return;
    e.preventDefault();
  };

  return (
    <div className={`field ${css.caption}`}>
      <label htmlFor={id}>{t('compose.caption')}</label>
      <textarea
        ref={area}
        id={id}
        rows={5}
        value={value}
        placeholder={t('compose.caption.placeholder')}
        aria-describedby={`${id}-hint`}
        aria-autocomplete="list"
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open ? `${id}-${Math.min(at, found.length - 1)}` : undefined}
        aria-invalid={left < 0 || undefined}
        onChange={(e) => {
          onChange(e.currentTarget.value);
          look();
        }}
        onSelect={look}
        onKeyDown={onKeyDown}
        onBlur={() => setToken(null)}
      />
      {open && (
        <div id={`${id}-list`} role="listbox" aria-label={t('compose.mention')} className={css.people}>
          {found.map((u, i) => (
            // The keyboard has its way through the text field.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={u.id}
              id={`${id}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === Math.min(at, found.length - 1)}
              onPointerDown={(e) => e.preventDefault()}
              onClick={() => take(u)}
            >
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
        {open ? t('compose.mention.found', { count: found.length }) : ''}
      </p>
      <p className="field__hint" id={`${id}-hint`}>
        {t('compose.caption.hint')}
        {left < 200 && <span className={left < 0 ? css.over : undefined}>{` · ${left < 0 ? t('field.over', { count: -left }) : t('field.left', { count: left })}`}</span>}
      </p>
    </div>
  );
}

/** People whose names begin like that; the last answer stays until the next. */
function useUsers(query: string | undefined): UserShort[] {
  const [found, setFound] = useState<UserShort[]>([]);
  const settled = useDebounced(query, 150);
  useEffect(() => {
    if (!settled) return;
    const abort = new AbortController();
    findUsers(settled, abort.signal).then(setFound, () => setFound([]));
    return () => {
      abort.abort();
      setFound([]);
    };
  }, [settled]);
  return found;
}
