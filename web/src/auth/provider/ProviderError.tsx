import { ApiError } from '../../api/client';
import { useT, type T } from '../../i18n';
import { errorText } from '../../ui/States';
import './messages';

/** What went wrong on the way to a provider or back, in the language of the page. */
export function providerError(t: T, error: unknown): string {
  if (error instanceof ApiError) {
    if (error.field === 'state') return t('provider.again');
    if (error.field === 'email' && error.status === 409) return t('provider.connectFirst');
    if (error.field === 'provider') {
      if (error.status === 403) return t('provider.stranger');
      if (error.status === 409) return t('provider.taken');
      return t(error.status === 503 ? 'provider.down' : 'provider.doubt');
    }
  }
  return errorText(t, error);
}

export function ProviderError({ error }: { error: unknown }) {
  const t = useT();
  return error ? (
    <p className="form__error" role="alert">
      {providerError(t, error)}
    </p>
  ) : null;
}
