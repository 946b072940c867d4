import { useT } from '../i18n';
import { LinkButton } from '../ui/Button';
import { nearbyPath } from './path';
import './messages';

/** Leads to photos near a point, or to where one chooses the point. */
export function NearbyLink({ at }: { at?: { latitude: number; longitude: number } }) {
  const t = useT();
  return (
    <LinkButton href={at ? nearbyPath(at.latitude, at.longitude, 5000) : '/nearby'} kind="quiet">
      {t(at ? 'near.link' : 'near.title')}
    </LinkButton>
  );
}
