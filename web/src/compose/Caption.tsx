import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';
import type { UserShort } from '../api/types';
import { useT } from '../i18n';
import type { Tag } from '../tags/types';
import { Avatar } from '../ui/Avatar';
import { useDebounced } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { complete, tokenAt, type Token } from './completion';
import { findTags, findUsers } from './send';
import css from './compose.module.css';
import './messages';

interface Props {
  value: string;
  limit: number;
  onChange: (v: string) => void;
}

/** The caption, completing @mentions and #tags as they are written: arrow keys choose, Enter or Tab takes, Escape closes. */
export function Caption({ value, limit, onChange }: Props) {
  const t = useT();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [token, setToken] = useState<Token | null>(null);
  const [at, setAt] = useState(0);
  const found = useChoices(token);
  const open = token !== null && found.length > 0;
  const words = token?.kind === 'tag' ? ({ list: 'compose.tags', found: 'compose.tags.found' } as const) : ({ list: 'compose.mention', found: 'compose.mention.found' } as const);
  const left = limit - [...value].length;

  const look = () => {
    const el = area.current;
    if (!el) return;
    const next = el.selectionStart === el.selectionEnd ? tokenAt(el.value, el.selectionStart) : null;
    setToken((old) => (same(old, next) ? old : next));
    if (next?.kind !== token?.kind || next?.query !== token?.query) setAt(0);
  };
  const take = (choice: Choice) => {
    if (!token) return;
    const done = complete(value, token, choice.name);
    // At once: what is typed next must not come before the caret is where it belongs.
    flushSync(() => {
      onChange(done.text);
      setToken(null);
    });
    area.current?.focus();
    area.current?.setSelectionRange(done.caret, done.caret);
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
        <div id={`${id}-list`} role="listbox" aria-label={t(words.list)} className={css.choices}>
          {found.map((c, i) => (
            // The keyboard has its way through the text field.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={c.name}
              id={`${id}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === Math.min(at, found.length - 1)}
              onPointerDown={(e) => e.preventDefault()}
              onClick={() => take(c)}
            >
              <ChoiceRow choice={c} />
            </div>
          ))}
        </div>
      )}
      <p className="visually-hidden" aria-live="polite">
        {open ? t(words.found, { count: found.length }) : ''}
      </p>
      <p className="field__hint" id={`${id}-hint`}>
        {t('compose.caption.hint')}
        {left < 200 && <span className={left < 0 ? css.over : undefined}>{` · ${left < 0 ? t('field.over', { count: -left }) : t('field.left', { count: left })}`}</span>}
      </p>
    </div>
  );
}

function same(a: Token | null, b: Token | null): boolean {
  return a?.kind === b?.kind && a?.query === b?.query && a?.from === b?.from && a?.rest === b?.rest;
}

/** One name that is offered. */
type Choice = { kind: 'user'; name: string; user: UserShort } | { kind: 'tag'; name: string; tag: Tag };

function ChoiceRow({ choice }: { choice: Choice }) {
  const t = useT();
  if (choice.kind === 'user') {
    return (
      <>
        <Avatar user={choice.user} size={28} />
        <span>
          <strong>{choice.name}</strong>
          <small>{choice.user.full_name}</small>
        </span>
      </>
    );
  }
  return (
    <>
      <Icon name="tag" size={20} />
      <span>
        <strong>#{choice.name}</strong>
        <small>{t('tag.count', { count: choice.tag.media_count })}</small>
      </span>
    </>
  );
}

async function find(kind: Token['kind'], query: string, signal: AbortSignal): Promise<Choice[]> {
  if (kind === 'user') return (await findUsers(query, signal)).map((user) => ({ kind, name: user.username, user }));
  return (await findTags(query, signal)).map((tag) => ({ kind, name: tag.name, tag }));
}

/** People or tags whose names begin like the token; the last answer stays until the next. */
function useChoices(token: Token | null): Choice[] {
  const [found, setFound] = useState<Choice[]>([]);
  const settled = useDebounced(token ? `${token.kind}:${token.query}` : '', 150);
  useEffect(() => {
    if (!settled) return;
    const [kind, query] = settled.startsWith('tag:') ? (['tag', settled.slice(4)] as const) : (['user', settled.slice(5)] as const);
    const abort = new AbortController();
    find(kind, query, abort.signal).then(setFound, () => setFound([]));
    return () => {
      abort.abort();
      setFound([]);
    };
  }, [settled]);
  return token ? found.filter((c) => c.kind === token.kind) : [];
}
