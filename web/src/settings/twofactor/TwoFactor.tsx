import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '../../api/cache';
import * as api from '../../api/endpoints';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { Prove } from './Prove';
import { SetUp } from './SetUp';
import './twofactor.css';
import '../messages';

/** How few recovery codes are told of. */
const few = 4;

/** Signing in with a code beside the password: whether it is on, and switching it. */
export function TwoFactor() {
  const t = useT();
  const { date } = useFormat();
  const query = useQuery({ queryKey: keys.twoFactor, queryFn: api.twoFactor.get });
  const [open, setOpen] = useState<'setUp' | 'off' | 'renew' | null>(null);
  const close = () => setOpen(null);
  const state = query.data;
  return (
    <section className="settings__part" aria-labelledby="two-factor">
      <h3 id="two-factor">{t('twoFactor.title')}</h3>
      <p className="settings__lead">{t('twoFactor.lead')}</p>
      {query.isPending && <Spinner />}
      {query.isError && !state && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {state && !state.enabled && (
        <Button kind="quiet" onClick={() => setOpen('setUp')}>
          {t('twoFactor.on')}
        </Button>
      )}
      {state?.enabled && (
        <>
          <p className="two-factor__state">
            {t('twoFactor.since', { date: date(state.since ?? '') })} {t('twoFactor.left', { count: state.recovery_codes })}
          </p>
          {state.recovery_codes < few && <p className="form__error">{t('twoFactor.few')}</p>}
          <div className="two-factor__actions">
            <Button kind="quiet" onClick={() => setOpen('renew')}>
              {t('twoFactor.renew')}
            </Button>
            <Button kind="quiet" onClick={() => setOpen('off')}>
              {t('twoFactor.off')}
            </Button>
          </div>
        </>
      )}
      {open === 'setUp' && <SetUp onClose={close} />}
      {open === 'off' && <Prove title={t('twoFactor.off')} text={t('twoFactor.offText')} act={api.twoFactor.off} danger onClose={close} />}
      {open === 'renew' && <Prove title={t('twoFactor.renew')} text={t('twoFactor.renewText')} act={api.twoFactor.renew} onClose={close} />}
    </section>
  );
}
