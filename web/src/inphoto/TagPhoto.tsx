import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Tagger } from './Tagger';
import type { Tagged } from './types';
import './inphoto.css';
import './messages';

interface Props {
  /** Which photo, from 1; 0 where there is only one. */
  n: number;
  people: readonly Tagged[];
  onChange: (people: Tagged[]) => void;
  picture: (layer: ReactNode) => ReactNode;
}

/** The way to tag people in one photo of several fields: a button that opens the photo in place. */
export default function TagPhoto({ n, people, onChange, picture }: Props) {
  const t = useT();
  const id = useId();
  const [open, setOpen] = useState(false);
  const room = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) room.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  return (
    <div className="tag-photo">
      <Button kind="quiet" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <Icon name="person" size={18} />
        {n > 0 ? t('inphoto.openOf', { n }) : t('inphoto.open')}
        <span className="tag-photo__count">{people.length > 0 ? `· ${t('inphoto.count', { count: people.length })}` : ''}</span>
      </Button>
      <div id={id} ref={room} className="tag-photo__room">
        {open && (
          <Tagger people={people} onChange={onChange}>
            {picture}
          </Tagger>
        )}
      </div>
    </div>
  );
}
