import { useT } from '../i18n';
import { LinkButton } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { EmptyState } from '../ui/States';
import { PageHead } from './PageHead';

export function NotFound({ text }: { text?: string | undefined }) {
  const t = useT();
  useTitle(t('notFound.title'));
  return (
    <>
      <PageHead />
      <EmptyState page icon="camera" title={t('notFound.title')}>
        <p className="state__text">{text ?? t('notFound.text')}</p>
        <LinkButton href="/" kind="quiet">
          {t('notFound.home')}
        </LinkButton>
      </EmptyState>
    </>
  );
}
