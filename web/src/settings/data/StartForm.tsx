import { useState, type FormEvent } from 'react';
import type { Self } from '../../api/types';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Choice, Switch } from '../../ui/Field';
import type { Deed, Import, Places, Section } from './api';
import './messages';

interface Props {
  item: Import;
  self: Self;
  busy: boolean;
  onStart: (deed: Deed) => void;
}

/** What is in an archive, and what one wants of it. */
export function StartForm({ item, self, busy, onStart }: Props) {
  const t = useT();
  const { date } = useFormat();
  const [sections, setSections] = useState<Section[]>(item.found.some((f) => f.section === 'posts') ? ['posts'] : []);
  const [places, setPlaces] = useState<Places>('exact');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onStart({ action: 'start', sections, places });
  };
  return (
    <form className="form" onSubmit={submit}>
      <fieldset className="data-sections">
        <legend>{t('data.sections')}</legend>
        {item.found.map((f) => {
          const count = f.items - f.left_out;
          const text = f.first_time && f.last_time ? t('data.count', { count, first: date(f.first_time), last: date(f.last_time) }) : t('data.countOnly', { count });
          return (
            <Switch key={f.section} label={t(`data.section.${f.section}`)} hint={f.left_out > 0 ? `${text}. ${t('data.leftOut', { count: f.left_out })}` : text}
              checked={sections.includes(f.section)} disabled={count === 0}
              onChange={(on) => setSections(on ? [...sections, f.section] : sections.filter((s) => s !== f.section))} />
          );
        })}
      </fieldset>
      <Choice legend={t('data.places')} value={places} onChange={setPlaces}
        options={(['exact', 'approximate', 'none'] as const).map((value) => ({ value, label: t(`data.places.${value}`) }))} />
      <p className="settings__lead">{t(self.is_private ? 'data.whoSeesPrivate' : 'data.whoSees')}</p>
      <Button type="submit" busy={busy} disabled={sections.length === 0}>
        {t('data.start')}
      </Button>
    </form>
  );
}
