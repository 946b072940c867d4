import { Link } from 'wouter';
import type { Place } from '../api/types';
import { useI18n } from '../i18n';
import { Icon } from '../ui/Icon';
import { countryName } from './country';

/** A place in a list, with its country where it has one. */
export function PlaceRow({ place }: { place: Place }) {
  const { locale } = useI18n();
  return (
    <li className="person">
      <Link href={`/places/${place.id}`} className="person__link">
        <span className="tag-sign" aria-hidden="true">
          <Icon name="pin" size={22} />
        </span>
        <span className="person__names">
          <strong>{place.name}</strong>
          {place.country && <span>{countryName(place.country, locale)}</span>}
        </span>
      </Link>
    </li>
  );
}
