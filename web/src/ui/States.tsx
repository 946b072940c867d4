import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { useT, type T } from '../i18n';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';

/** The sentence to show for an error: the server's own, where it has one. */
export function errorText(t: T, error: unknown): string {
  if (error instanceof ApiError) {
    if (error.network) return t('error.network');
    // The API's sentences begin small, as errors of programs do; people read them with a capital.
    if (error.message !== '') return error.message.charAt(0).toUpperCase() + error.message.slice(1);
    return error.status === 429 ? t('error.busy') : t('error.server');
  }
  return t('error.unexpected');
}

/** Something failed, and may work on another try. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useT();
  return (
    <div className="state" role="alert">
      <span className="state__plate">
        <Icon name="offline" size={30} />
      </span>
      <p className="state__text">{errorText(t, error)}</p>
      {onRetry && (
        <Button kind="quiet" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}

/** Nothing here yet, and what to do about it. `page`: it is all that the page says. */
export function EmptyState({ icon, title, page = false, children }: { icon: IconName; title: string; page?: boolean; children?: ReactNode }) {
  const Title = page ? 'h1' : 'h2';
  return (
    <div className="state">
      <span className="state__plate">
        <Icon name={icon} size={30} />
      </span>
      <Title className="state__title">{title}</Title>
      {children}
    </div>
  );
}
