import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { Button } from '../ui/Button';
import { copyText } from '../ui/clipboard';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import './messages';

/** The link that lets somebody join. */
export function inviteLink(code: string): string {
  return `${location.origin}/sign-up?invite=${encodeURIComponent(code)}`;
}

export function Invites() {
  const t = useT();
  const { date } = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const again = () => client.invalidateQueries({ queryKey: ['admin', 'invites'] });
  const copy = async (code: string) => toast.say((await copyText(inviteLink(code))) ? t('share.copied') : inviteLink(code));
  const query = useQuery({ queryKey: ['admin', 'invites'], queryFn: api.admin.invites });
  const create = useMutation({
    mutationFn: api.admin.createInvite,
    onSuccess: async (invite) => {
      await again();
      await copy(invite.code);
    },
    onError: toast.fail,
  });
  const revoke = useMutation({ mutationFn: api.admin.revokeInvite, onSuccess: again, onError: toast.fail });

  return (
    <section className="settings__part">
      <h3 id="invites-title">{t('invites.title')}</h3>
      <p className="settings__lead">{t('invites.lead')}</p>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      <ul className="rows">
        {query.data?.items.map((i) => (
          <li key={i.code} className="rows__row">
            <div className="rows__text">
              <p className="rows__title">
                <code>{i.code}</code>
              </p>
              <p className="rows__meta">
                {i.used_by ? t('invites.usedBy', { name: i.used_by.username }) : i.expires_time ? t('invites.until', { date: date(i.expires_time) }) : t('invites.unused')}
              </p>
            </div>
            {!i.used_by && (
              <span className="row">
                <Button kind="quiet" aria-label={t('invites.copyName', { code: i.code })} onClick={() => void copy(i.code)}>
                  {t('share.copy')}
                </Button>
                <Button kind="text" aria-label={t('invites.revokeName', { code: i.code })} busy={revoke.isPending && revoke.variables === i.code} onClick={() => revoke.mutate(i.code)}>
                  {t('invites.revoke')}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      <Button kind="quiet" busy={create.isPending} onClick={() => create.mutate()}>
        {t('invites.create')}
      </Button>
    </section>
  );
}
