import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useLocation } from 'wouter';
import type { Place } from '../api/types';
import { useT } from '../i18n';
import * as api from '../maps/api';
import type { MappedMedia } from '../maps/api';
import MapView from '../maps/MapView';
import type { View } from '../maps/view';
import { postPath } from '../post/path';
import '../maps/messages';

/** A place on the map, with the photos there that tell their point. */
export default function PlaceMap({ place }: { place: Place }) {
  const t = useT();
  const [, navigate] = useLocation();
  const [view, setView] = useState<View | null>(null);
  const items = useQuery({
    queryKey: ['map', 'place', place.id, view],
    queryFn: ({ signal }) => api.ofPlace(place.id, view ?? { bounds: '', zoom: 0 }, signal),
    enabled: view !== null,
    placeholderData: keepPreviousData,
  });
  const open = useCallback((m: MappedMedia) => navigate(postPath(m)), [navigate]);
  const wide = 0.08; // degrees: a town and what is around it
  return (
    <MapView label={t('map.place', { name: place.name })} items={items.data ?? nothing} onView={setView} onOpen={open}
      start={[place.longitude - wide, place.latitude - wide / 2, place.longitude + wide, place.latitude + wide / 2]} />
  );
}

const nothing: MappedMedia[] = [];
