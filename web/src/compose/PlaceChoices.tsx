import { useQuery } from '@tanstack/react-query';
import * as api from '../api/endpoints';
import type { Location } from '../api/types';
import { useI18n } from '../i18n';
import { countryName } from '../places/country';
import { Icon } from '../ui/Icon';
import { useDebounced } from '../ui/hooks';
import css from './compose.module.css';
import './messages';

interface Props {
  place: Location | null;
  near: { latitude: number; longitude: number } | undefined;
  onChoose: (p: { id: string; name: string }) => void;
}

/** Known places: by what is typed, or near the point while nothing is. */
export function PlaceChoices({ place, near, onChoose }: Props) {
  const { t, locale } = useI18n();
  const typed = useDebounced((place?.name ?? '').trim(), 250);
  const at = typed === '' && near ? near : undefined;
  const query = useQuery({
    queryKey: ['places', typed, at?.latitude, at?.longitude],
    queryFn: ({ signal }) => (at ? api.places.near(at.latitude, at.longitude, signal) : api.places.search(typed, signal)),
    enabled: place?.id === undefined && (at !== undefined || typed.length > 1),
    staleTime: 300_000,
  });
  const found = place?.id === undefined && (at !== undefined || typed.length > 1) ? (query.data?.items ?? []) : [];
  if (found.length === 0) return null;
  return (
    <ul className={css.placeChoices} aria-label={t('compose.place.choices')}>
      {found.map((p) => (
        <li key={p.id}>
          <button type="button" onClick={() => onChoose({ id: p.id, name: p.name })}>
            <Icon name="pin" size={16} />
            <span>{p.name}</span>
            {p.country && <small>{countryName(p.country, locale)}</small>}
          </button>
        </li>
      ))}
    </ul>
  );
}
