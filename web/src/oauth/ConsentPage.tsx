import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSearch } from 'wouter';
import * as api from '../api/endpoints';
import type { Scope } from '../api/types';
import { useI18n, type MessageKey } from '../i18n';
import { useSelf } from '../session';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { Mark } from '../ui/Mark';
import { Spinner } from '../ui/Splash';
import { errorText } from '../ui/States';
import './messages';

const scopeWords: Record<Scope, MessageKey> = {
  basic: 'oauth.basic',
  likes: 'oauth.likes',
  comments: 'oauth.comments',
  relationships: 'oauth.relationships',
  media: 'oauth.media',
};

/** /oauth/authorize: an app asks, a person answers. Nothing is sent anywhere before the server found the request in order. */
export default function ConsentPage() {
  const { t, rich } = useI18n();
  const self = useSelf();
  const search = useSearch();
  useTitle(t('oauth.title'));
  const check = useQuery({ queryKey: ['oauth', search], queryFn: () => api.oauth.check(search), retry: false, staleTime: Infinity, gcTime: 0 });
  const consent = check.data && 'app' in check.data ? check.data : undefined;
  const decide = useMutation({
    mutationFn: (allow: boolean) => api.oauth.decide(search, consent?.scopes ?? [], allow),
    onSuccess: ({ redirect_to }) => location.assign(redirect_to),
  });
  // The request is not in order, but the app is known: it hears of it, and nobody is asked.
  const bounce = check.data && 'redirect_to' in check.data ? check.data.redirect_to : undefined;
  useEffect(() => {
    if (bounce !== undefined) location.assign(bounce);
  }, [bounce]);

  if (check.isError) {
    return (
      <div className="consent" role="alert">
        <h1>{t('oauth.badTitle')}</h1>
        <p>{errorText(t, check.error)}</p>
        <p className="field__hint">{t('oauth.badText')}</p>
      </div>
    );
  }
  if (!consent || !self) return <Spinner />;
  const { app, scopes } = consent;
  return (
    <div className="consent">
      <div className="consent__faces" aria-hidden="true">
        <Avatar user={self} size={56} />
        <Icon name="link" />
        <Mark size={64} />
      </div>
      <h1>{rich('oauth.ask', { app: <strong key="app">{app.name}</strong> })}</h1>
      <p className="field__hint">{t('oauth.as', { name: self.username })}</p>
      <h2>{t('oauth.may')}</h2>
      <ul className="consent__scopes">
        {scopes.map((s) => (
          <li key={s}>
            <Icon name="check" size={20} />
            {t(scopeWords[s] ?? 'oauth.basic')}
          </li>
        ))}
      </ul>
      <p className="field__hint">{t('oauth.never')}</p>
      {consent.implicit && <p className="field__hint">{t('oauth.implicit')}</p>}
      <FormError error={decide.error} fields={[]} />
      <div className="consent__actions">
        <Button kind="quiet" busy={decide.isPending || decide.isSuccess} onClick={() => decide.mutate(false)}>
          {t('oauth.deny')}
        </Button>
        <Button busy={decide.isPending || decide.isSuccess} onClick={() => decide.mutate(true)}>
          {t('oauth.allow')}
        </Button>
      </div>
    </div>
  );
}
