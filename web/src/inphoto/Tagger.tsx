import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { UserShort } from '../api/types';
import { useT } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { FindPerson } from './FindPerson';
import { at, most, moved, placed } from './position';
import type { Position, Tagged } from './types';
import './inphoto.css';
import './messages';

interface Props {
  people: readonly Tagged[];
  onChange: (people: Tagged[]) => void;
  /** The picture; what it is given must lie exactly on it. */
  children: (layer: ReactNode) => ReactNode;
}

/** Tags people in one picture: a tap asks who is there, a name can be dragged or moved by keys. */
export function Tagger({ people, onChange, children }: Props) {
  const t = useT();
  const [spot, setSpot] = useState<Position | null>(null);
  const stage = useRef<HTMLButtonElement>(null);
  const full = people.length >= most;
  const put = (user: UserShort, position: Position) => onChange(people.map((p) => (p.user.id === user.id ? { ...p, position } : p)));
  const remove = (user: UserShort) => {
    onChange(people.filter((p) => p.user.id !== user.id));
    stage.current?.focus();
  };
  const close = () => {
    setSpot(null);
    stage.current?.focus();
  };
  return (
    <div className="tagger">
      {children(
        <div className="tagger__layer">
          <button
            ref={stage}
            type="button"
            className="tagger__stage"
            aria-label={t('inphoto.stage')}
            disabled={full}
            onClick={(e) => setSpot(e.detail === 0 ? { x: 0.5, y: 0.5 } : at(e.currentTarget.getBoundingClientRect(), e))}
          />
          <ul className="tagger__pins" aria-label={t('inphoto.list')}>
            {people.map((p) => (
              <Pin key={p.user.id} person={p} onMove={(position) => put(p.user, position)} onRemove={() => remove(p.user)} />
            ))}
          </ul>
          {spot && <span className="tagger__spot" style={{ left: `${spot.x * 100}%`, top: `${spot.y * 100}%` }} />}
        </div>,
      )}
      {spot ? (
        <FindPerson
          without={people.map((p) => p.user.id)}
          onChoose={(user) => {
            onChange([...people, { user, position: spot }]);
            close();
          }}
          onClose={close}
        />
      ) : (
        <p className="field__hint">{t(full ? 'inphoto.full' : 'inphoto.hint')}</p>
      )}
      {people.length > 0 && (
        <ul className="tagger__list" aria-label={t('inphoto.list')}>
          {people.map((p) => (
            <li key={p.user.id}>
              <Avatar user={p.user} size={28} />
              <span>
                {p.user.username} {p.waiting && <small>{t('inphoto.waiting')}</small>}
              </span>
              <IconButton icon="close" size={18} label={t('inphoto.remove', { name: p.user.username })} onClick={() => remove(p.user)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A name on the picture. */
function Pin({ person, onMove, onRemove }: { person: Tagged; onMove: (p: Position) => void; onRemove: () => void }) {
  const t = useT();
  const { user, position } = person;
  const drag = useRef<{ x: number; y: number } | null>(null);
  const layer = (e: PointerEvent<HTMLElement>) => e.currentTarget.closest('.tagger__layer')?.getBoundingClientRect();
  const onKeyDown = (e: KeyboardEvent) => {
    const to = moved(position, e.key, e.shiftKey);
    if (to) onMove(to);
    else if (e.key === 'Delete' || e.key === 'Backspace') onRemove();
    else return;
    e.preventDefault();
  };
  return (
    <li style={placed(position)}>
      <button
        type="button"
        className={person.waiting ? 'tagger__pin tagger__pin--waiting' : 'tagger__pin'}
        aria-label={t('inphoto.pin', { name: user.username, x: Math.round(position.x * 100), y: Math.round(position.y * 100) })}
        onKeyDown={onKeyDown}
        onPointerDown={(e) => {
          const box = layer(e);
          if (!box) return;
          const from = at(box, e);
          drag.current = { x: position.x - from.x, y: position.y - from.y };
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => {
          const box = drag.current && layer(e);
          if (!box || !drag.current) return;
          const to = at(box, e);
          onMove({ x: Math.min(1, Math.max(0, to.x + drag.current.x)), y: Math.min(1, Math.max(0, to.y + drag.current.y)) });
        }}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
      >
        {user.username}
      </button>
    </li>
  );
}
