import { useSyncExternalStore } from 'react';
import { useT } from '../i18n';
import { Icon } from '../ui/Icon';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('online', onChange);
  window.addEventListener('offline', onChange);
  return () => {
    window.removeEventListener('online', onChange);
    window.removeEventListener('offline', onChange);
  };
}

/** Says that the device is offline, for as long as it is. */
export function OfflineBanner() {
  const t = useT();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status" className="offline-slot">
      {!online && (
        <p className="offline">
          <Icon name="offline" size={18} />
          {t('state.offline')}
        </p>
      )}
    </div>
  );
}
