import type { ReactNode } from 'react';
import { locales, useI18n } from '../i18n';
import { useSite } from '../session';
import { Wordmark } from '../ui/Mark';

/** The frame of the pages before one is in: the sign of the site on its plate, and the form. */
export function AuthFrame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { t, locale, setLocale } = useI18n();
  const site = useSite();
  return (
    <div className="auth">
      <div className="auth__hero">
        <Wordmark size={44} name={site?.name} />
        <p className="auth__tag">{t('auth.tagline')}</p>
      </div>
      <div className="auth__card">
        <h1>{title}</h1>
        {lead}
        {children}
      </div>
      <p className="auth__lang">
        {locales.map((l) => (
          <button key={l.code} type="button" lang={l.code} aria-pressed={l.code === locale} className="link-button link-button--soft" onClick={() => setLocale(l.code)}>
            {l.name}
          </button>
        ))}
      </p>
    </div>
  );
}
