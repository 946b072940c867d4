import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { keys } from '../../api/cache';
import * as api from '../../api/endpoints';
import { useT } from '../../i18n';
import { Dialog, FormActions } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { Secret } from '../apps/Secret';
import { CodeField } from './CodeField';
import { RecoveryCodes } from './RecoveryCodes';
import type { Enrolment } from './types';
import '../messages';

/** Switches two factors on, in three steps: the password, the secret and a code of it, the recovery codes. */
export function SetUp({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const begin = useMutation({ mutationFn: () => api.twoFactor.begin(password) });
  const confirm = useMutation({
    mutationFn: (code: string) => api.twoFactor.confirm(code),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.twoFactor }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    begin.mutate();
  };
  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes} onClose={onClose} />;
  if (begin.data) return <Scan enrolment={begin.data} confirm={confirm} onClose={onClose} />;
  return (
    <Dialog title={t('twoFactor.on')} onClose={onClose}>
      <p className="dialog__text">{t('twoFactor.need')}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('settings.passwordNow')} type="password" value={password} autoComplete="current-password" required
          error={fieldError(t, begin.error, 'password')} onChange={(e) => setPassword(e.target.value)} />
        <FormError error={begin.error} fields={['password']} />
        <FormActions action={t('twoFactor.next')} busy={begin.isPending} disabled={password === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}

interface ScanProps {
  enrolment: Enrolment;
  confirm: { error: unknown; isPending: boolean; mutate: (code: string) => void };
  onClose: () => void;
}

function Scan({ enrolment, confirm, onClose }: ScanProps) {
  const t = useT();
  const [code, setCode] = useState('');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    confirm.mutate(code);
  };
  return (
    <Dialog title={t('twoFactor.scan')} onClose={onClose}>
      <p className="dialog__text">{t('twoFactor.scanText')}</p>
      <img className="two-factor__qr" src={enrolment.qr} alt={t('twoFactor.qr')} width={240} height={240} />
      <Secret label={t('twoFactor.secret')} value={enrolment.secret} />
      <p className="two-factor__here">
        <a href={enrolment.uri}>{t('twoFactor.here')}</a>
      </p>
      <form className="form" onSubmit={submit} noValidate>
        <CodeField value={code} error={fieldError(t, confirm.error, 'code')} onChange={setCode} />
        <FormError error={confirm.error} fields={['code']} />
        <FormActions action={t('twoFactor.on')} busy={confirm.isPending} disabled={code === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
