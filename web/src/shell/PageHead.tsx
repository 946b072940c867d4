import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useT } from '../i18n';
import { useSelf, useSite } from '../session';
import { IconButton, LinkButton } from '../ui/Button';
import { Wordmark } from '../ui/Mark';
import { signInPath } from '../session';

interface Props {
  /** The heading of the page; without one the head shows the sign of the site, on phones only. */
  title?: string | undefined;
  back?: boolean;
  children?: ReactNode;
}

/** The top of a page. Signed-out visitors find the way in here. */
export function PageHead({ title, back = false, children }: Props) {
  const t = useT();
  const self = useSelf();
  const site = useSite();
  const [, navigate] = useLocation();
  const goBack = () => {
    // Without a history of our own (a shared link), back is home.
    if (history.length > 1 && document.referrer.startsWith(location.origin)) history.back();
    else if (history.length > 2) history.back();
    else navigate('/');
  };
  return (
    <header className={title ? 'page-head' : 'page-head page-head--brand'}>
      {back && self && <IconButton icon="back" label={t('action.back')} onClick={goBack} />}
      {self === null && (
        <Link href="/" className="page-head__home" aria-label={site?.name ?? t('app.name')}>
          <Wordmark name={site?.name} />
        </Link>
      )}
      {title ? <h1 className={self === null ? 'visually-hidden' : 'page-head__title'}>{title}</h1> : self !== null && <Wordmark name={site?.name} />}
      <span className="page-head__end">
        {children}
        {self === null && <LinkButton href={signInPath()}>{t('auth.signIn')}</LinkButton>}
      </span>
    </header>
  );
}
