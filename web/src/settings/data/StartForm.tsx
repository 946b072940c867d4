import { useState, type FormEvent } from 'react';
import type { Self } from '../../api/types';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Choice, Switch } from '../../ui/Field';
import type { Deed, Import, Places, Section } from './api';
import './messages';

/** What is imported unless one says otherwise: posts, and all of an archive of one's own, where everything stands as it stood. */
const wanted = (item: Import, section: Section) => section === 'posts' || item.format === 'tintype';

interface Props {
  item: Import;
  self: Self;
  busy: boolean;
  onStart: (deed: Deed) => void;
}

/** Whether what is in a section are no posts. */
const grouped = (s: Section) => s === 'albums' || s === 'collections' || s === 'people';

/** What is in an archive, and what one wants of it. */
export function StartForm({ item, self, busy, onStart }: Props) {
  const t = useT();
  const { date } = useFormat();
  const [sections, setSections] = useState<Section[]>(() => item.found.map((f) => f.section).filter((s) => wanted(item, s)));
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
          const text = f.first_time && f.last_time ? t('data.count', { count, first: date(f.first_time), last: date(f.last_time) }) : grouped(f.section) ? t('data.parts', { count }) : t('data.countOnly', { count });
          const hints = [text];
          if (f.left_out > 0) hints.push(t('data.leftOut', { count: f.left_out }));
          if (f.section !== 'posts' && f.section !== 'other') hints.push(t(`data.hint.${f.section}`));
          return (
            <Switch key={f.section} label={t(`data.section.${f.section}`)} hint={hints.join(' · ')}
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
