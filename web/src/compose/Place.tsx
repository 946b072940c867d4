import type { Location } from '../api/types';
import { useT } from '../i18n';
import { Button, IconButton } from '../ui/Button';
import { Field } from '../ui/Field';
import { useHere } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { PlaceChoices } from './PlaceChoices';
import css from './compose.module.css';
import './messages';

interface Props {
  place: Location | null;
  /** Where a photo says that it was taken; used only if the person says so. */
  taken: { latitude: number; longitude: number } | undefined;
  onChange: (p: Location | null) => void;
}

/** The place: a name, and coordinates only if asked for. */
export function Place({ place, taken, onChange }: Props) {
  const t = useT();
  const lat = place?.latitude;
  const lng = place?.longitude;
  const set = (patch: Location) => onChange({ ...place, ...patch });
  const { finding, failed, find } = useHere((coords) => set(rounded(coords)));

  return (
    <div className={css.placeField}>
      <Field label={t('compose.place')} value={place?.name ?? ''} maxLength={100} placeholder={t('compose.place.placeholder')} autoComplete="off"
        onChange={(e) => {
          const name = e.currentTarget.value;
          const next: Location = { ...place, name };
          delete next.id; // another name is another place
          onChange(name === '' && lat === undefined ? null : next);
        }}
      />
      <PlaceChoices place={place} near={lat !== undefined && lng !== undefined ? { latitude: lat, longitude: lng } : taken} onChoose={set} />
      {lat !== undefined && lng !== undefined ? (
        <p className={css.coordinates}>
          <Icon name="pin" size={18} />
          <span>{t('compose.place.at', { latitude: lat.toFixed(4), longitude: lng.toFixed(4) })}</span>
          <IconButton icon="close" size={16} label={t('compose.place.clear')} onClick={() => onChange(place?.name ? { ...(place.id === undefined ? {} : { id: place.id }), name: place.name } : null)} />
          <label className={css.approximate}>
            <input type="checkbox" checked={place?.approximate ?? false} onChange={(e) => set({ approximate: e.currentTarget.checked })} />
            {t('compose.place.approximate')}
          </label>
          <label className={css.approximate}>
            <input type="checkbox" checked={place?.on_map ?? true} onChange={(e) => set({ on_map: e.currentTarget.checked })} />
            {t('compose.place.onMap')}
          </label>
        </p>
      ) : (
        <div className={css.placeActions}>
          {taken && (
            <Button kind="quiet" onClick={() => set(rounded(taken))}>
              {t('compose.place.taken')}
            </Button>
          )}
          {'geolocation' in navigator && window.isSecureContext && (
            <Button kind="quiet" busy={finding} onClick={find}>
              {finding ? t('compose.place.finding') : t('compose.place.here')}
            </Button>
          )}
        </div>
      )}
      {failed && (
        <p role="alert" className="field__error">
          {t('compose.place.failed')}
        </p>
      )}
      <p className="field__hint">{t(taken && lat === undefined ? 'compose.place.hintTaken' : 'compose.place.hint')}</p>
    </div>
  );
}

/** To about ten metres: a place, not a doorstep. */
function rounded({ latitude, longitude }: { latitude: number; longitude: number }): Location {
  const r = (v: number) => Math.round(v * 1e4) / 1e4;
  return { latitude: r(latitude), longitude: r(longitude) };
}
