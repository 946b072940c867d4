import { lazy, Suspense } from 'react';
import { useQuery } from '@tanstack/react-query';
import { keys } from '../api/cache';
import { ApiError } from '../api/client';
import * as api from '../api/endpoints';
import type { Place } from '../api/types';
import { useI18n, useT } from '../i18n';
import { NearbyLink } from '../maps/NearbyLink';
import { PostPages } from '../post/PostPages';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { countryName } from './country';
import './places.css';
import './messages';

const PlaceMap = lazy(() => import('./PlaceMap'));

/** /places/{id}: what was posted from a place. */
export default function PlacePage({ id }: { id: string }) {
  const t = useT();
  const query = useQuery({ queryKey: keys.place(id), queryFn: () => api.places.get(id) });
  const place = query.data;
  useTitle(place?.name);
  if (query.isPending) {
    return (
      <>
        <PageHead title={t('place.title')} back />
        <Spinner />
      </>
    );
  }
  if (place) {
    return (
      <>
        <PageHead title={place.name} back />
        <div className="place">
          <PlaceHead place={place} />
          <Suspense fallback={<div className="place__map" />}>
            <PlaceMap place={place} />
          </Suspense>
          <Posts id={id} />
        </div>
      </>
    );
  }
  if (query.error instanceof ApiError && query.error.status < 500 && !query.error.network) return <NotFound text={t('place.none')} />;
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

function PlaceHead({ place }: { place: Place }) {
  const { t, locale } = useI18n();
  const country = place.country ? countryName(place.country, locale) : undefined;
  return (
    <header className="place__head">
      <Icon name="pin" size={28} />
      <div className="place__about">
        <h2>{country ? t('place.inCountry', { name: place.name, country }) : place.name}</h2>
        <p>
          {t('place.posts', { count: place.media_count ?? 0 })} · {place.latitude.toFixed(3)}, {place.longitude.toFixed(3)}
        </p>
        {place.country && (
          <p className="place__credit">
            <a href="https://www.geonames.org" rel="noreferrer" target="_blank">
              {t('place.credit')}
            </a>
          </p>
        )}
      </div>
      <NearbyLink at={place} />
    </header>
  );
}

function Posts({ id }: { id: string }) {
  const t = useT();
  return <PostPages queryKey={keys.placeMedia(id)} load={(after) => api.places.media(id, after)} empty={<EmptyState icon="camera" title={t('place.empty')} />} />;
}
