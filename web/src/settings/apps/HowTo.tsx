import type { App } from '../../api/types';
import { useT } from '../../i18n';
import './messages';

/** From nothing to a first call, in lines to copy. */
export function HowTo({ app }: { app: App }) {
  const t = useT();
  const site = location.origin;
  const redirect = app.redirect_uris[0] ?? '';
  const ask =
    `${site}/oauth/authorize?client_id=${app.client_id}&response_type=code` +
    `&redirect_uri=${encodeURIComponent(redirect)}&scope=likes+comments&state=STATE` +
    (app.public ? '&code_challenge=CHALLENGE&code_challenge_method=S256' : '');
  const trade = [
    `curl ${site}/oauth/access_token \\`,
    ' -d grant_type=authorization_code \\',
    ` -d client_id=${app.client_id} \\`,
    app.public ? ' -d code_verifier=VERIFIER \\' : ' -d client_secret=$SECRET \\',
    ` -d redirect_uri=${redirect} -d code=$CODE`,
  ].join('\n');
  const sign = ['TEXT="/users/self|access_token=$TOKEN"', 'SIG=$(printf %s "$TEXT" |', ' openssl dgst -sha256 -hmac "$SECRET" | sed "s/.*= //")', `curl "${site}/v1/users/self?access_token=$TOKEN&sig=$SIG"`].join('\n');
  return (
    <section className="settings__part">
      <h3>{t('apps.howTo')}</h3>
      <Lines label={t('apps.howAsk')} text={ask} />
      <Lines label={t('apps.howTrade')} text={trade} />
      <p className="field__hint">{t('apps.howMore')}</p>
      <Lines label={t('apps.howCall')} text={`curl "${site}/v1/users/self?access_token=$TOKEN"`} />
      {!app.public && <Lines label={t('apps.howSign')} text={sign} />}
    </section>
  );
}

function Lines({ label, text }: { label: string; text: string }) {
  return (
    <div className="how-to">
      <p>{label}</p>
      <pre>
        <code>{text}</code>
      </pre>
    </div>
  );
}
