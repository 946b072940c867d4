import { useQuery } from '@tanstack/react-query';
import { useCallback, useId, useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import * as endpoints from '../api/endpoints';
import { useI18n } from '../i18n';
import { countryName } from '../places/country';
import { PostPages } from '../post/PostPages';
import { PageHead } from '../shell/PageHead';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { useDebounced, useHere, useTitle } from '../ui/hooks';
import { EmptyState } from '../ui/States';
import * as api from './api';
import type { Circle } from './api';
import MapView from './MapView';
import { nearbyPath } from './path';
import './messages';
import '../places/messages';

const distances = [500, 1000, 2000, 5000];
const world = [-120, -45, 150, 65] as const;

/** /nearby: photos around oneself, a place, or any point of the map. */
export default function NearbyPage() {
  const { t } = useI18n();
  useTitle(t('near.title'));
  const [, navigate] = useLocation();
  const search = useSearch();
  const at = useMemo(() => circleOf(search), [search]);
  const metres = at?.metres ?? 1000;
  const go = useCallback((latitude: number, longitude: number, m: number) => navigate(nearbyPath(latitude, longitude, m), { replace: true }), [navigate]);
  const pick = useCallback((latitude: number, longitude: number) => go(latitude, longitude, metres), [go, metres]);
  return (
    <>
      <PageHead title={t('near.title')} back />
      <div className="map-page">
        <Finder metres={metres} onFind={pick} onMetres={at && ((m) => go(at.latitude, at.longitude, m))} />
        <MapView label={t('near.map')} items={nothing} start={world} onPick={pick} circle={at} />
        {at ? <Found key={search} at={at} /> : <p className="map-page__note">{t('near.start')}</p>}
      </div>
    </>
  );
}

const nothing: never[] = [];

function circleOf(search: string): Circle | undefined {
  const q = new URLSearchParams(search);
  const number = (name: string, least: number, most: number) => {
    const v = Number(q.get(name) ?? NaN);
    return v >= least && v <= most ? v : undefined;
  };
  const latitude = number('lat', -90, 90);
  const longitude = number('lng', -180, 180);
  if (latitude === undefined || longitude === undefined) return undefined;
  return { latitude, longitude, metres: distances.find((d) => d === number('distance', 0, 5000)) ?? 1000 };
}

function Found({ at }: { at: Circle }) {
  const { t } = useI18n();
  const [now] = useState(() => Math.floor(Date.now() / 1000));
  return (
    <>
      <h2>{t('near.found', { place: `${at.latitude.toFixed(3)}, ${at.longitude.toFixed(3)}` })}</h2>
      <PostPages queryKey={['media', 'near', at.latitude, at.longitude, at.metres]} load={(after) => api.near(at, now, after)} empty={<EmptyState icon="pin" title={t('near.none')} />} />
    </>
  );
}

interface FinderProps {
  metres: number;
  onFind: (latitude: number, longitude: number) => void;
  onMetres: ((m: number) => void) | undefined;
}

/** By where one is, if one says so with a button; or by the name of a place. */
function Finder({ metres, onFind, onMetres }: FinderProps) {
  const { t, locale } = useI18n();
  const id = useId();
  const { finding, failed, find } = useHere((coords) => onFind(coords.latitude, coords.longitude));
  const [name, setName] = useState('');
  const typed = useDebounced(name.trim(), 250);
  const found = useQuery({
    queryKey: ['places', typed, undefined, undefined],
    queryFn: ({ signal }) => endpoints.places.search(typed, signal),
    enabled: typed.length > 1,
    staleTime: 300_000,
  });
  const choices = typed.length > 1 && name.trim() !== '' ? (found.data?.items ?? []) : [];
  return (
    <div className="map-page__find">
      <div className="map-page__row">
        <Field label={t('near.place')} value={name} autoComplete="off" onChange={(e) => setName(e.currentTarget.value)} />
        <div className="field" style={{ flex: '0 1 auto' }}>
          <label htmlFor={id}>{t('near.distance')}</label>
          <select id={id} value={metres} disabled={!onMetres} onChange={(e) => onMetres?.(Number(e.currentTarget.value))}>
            {distances.map((d) => (
              <option key={d} value={d}>
                {d < 1000 ? t('near.metres', { count: d }) : t('near.kilometres', { count: d / 1000 })}
              </option>
            ))}
          </select>
        </div>
        {'geolocation' in navigator && window.isSecureContext && (
          <Button kind="quiet" busy={finding} onClick={find}>
            {t(finding ? 'near.finding' : 'near.here')}
          </Button>
        )}
      </div>
      {choices.length > 0 && (
        <ul className="map-page__choices" aria-label={t('near.choices')}>
          {choices.map((p) => (
            <li key={p.id}>
              <Button kind="quiet" onClick={() => { setName(''); onFind(p.latitude, p.longitude); }}>
                {p.country ? t('place.inCountry', { name: p.name, country: countryName(p.country, locale) }) : p.name}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {failed && (
        <p role="alert" className="field__error">
          {t('near.failed')}
        </p>
      )}
    </div>
  );
}
