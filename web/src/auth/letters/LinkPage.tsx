import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { keys } from '../../api/cache';
import { useT, type MessageKey } from '../../i18n';
import { Button } from '../../ui/Button';
import { FormError } from '../../ui/FormError';
import { useTitle } from '../../ui/hooks';
import { AuthFrame } from '../AuthFrame';
import { letters } from './api';
import { useToken } from './useToken';
import './messages';

interface Props {
  title: MessageKey;
  lead: MessageKey;
  action: MessageKey;
  done: MessageKey;
  act: (token: string) => Promise<{ email: string }>;
  /** Where one may go on. */
  next: string;
}

/** What a link does is done by a press, not by opening it: mail programs open links to look at them. */
function LinkPage({ title, lead, action, done, act, next }: Props) {
  const t = useT();
  useTitle(t(title));
  const client = useQueryClient();
  const token = useToken();
  const follow = useMutation({
    mutationFn: () => act(token),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.self });
      void client.invalidateQueries({ queryKey: keys.email });
    },
  });
  return (
    <AuthFrame title={t(title)}>
      {follow.data ? (
        <>
          <p className="auth__lead" role="status">
            {t(done, { email: follow.data.email })}
          </p>
          <Link href={next} className="button button--wide">
            {t('letters.on')}
          </Link>
        </>
      ) : (
        <>
          <p className="auth__lead">{t(token ? lead : 'letters.noToken')}</p>
          <FormError error={follow.error} fields={[]} />
          {token && (
            <Button wide busy={follow.isPending} onClick={() => follow.mutate()}>
              {t(action)}
            </Button>
          )}
        </>
      )}
    </AuthFrame>
  );
}

export function ConfirmEmailPage() {
  return <LinkPage title="letters.confirmTitle" lead="letters.confirmLead" action="letters.confirmAction" done="letters.confirmed" act={letters.confirm} next="/settings/account" />;
}

export function UndoEmailPage() {
  return <LinkPage title="letters.undoTitle" lead="letters.undoLead" action="letters.undoAction" done="letters.undone" act={letters.undo} next="/sign-in" />;
}
