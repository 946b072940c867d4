import { useQuery } from '@tanstack/react-query';
import { AuthFrame } from '../auth/AuthFrame';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import * as calls from './calls';
import { Notice } from './Notice';
import './messages';

/** All that a suspended user can see: that they are, why, and the way to appeal. */
export default function Suspended({ ticket, onBack }: { ticket: string; onBack: () => void }) {
  const t = useT();
  useTitle(t('suspended.title'));
  const query = useQuery({ queryKey: ['suspension', ticket], queryFn: () => calls.suspension(ticket), gcTime: 0 });
  return (
    <AuthFrame title={t('suspended.title')} lead={<p className="auth__lead">{t('suspended.lead')}</p>}>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} />}
      {query.data?.length === 0 && <p>{t('suspended.none')}</p>}
      {query.data?.map((d) => (
        <Notice key={d.id} decision={d} heading="h2" appeal={(words) => calls.appealSuspension(ticket, d.id, words).then(() => query.refetch())} />
      ))}
      <Button kind="quiet" onClick={onBack}>
        {t('suspended.back')}
      </Button>
    </AuthFrame>
  );
}
