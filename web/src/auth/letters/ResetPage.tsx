import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { keys } from '../../api/cache';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { useTitle } from '../../ui/hooks';
import { AuthFrame } from '../AuthFrame';
import { letters } from './api';
import { useToken } from './useToken';
import './messages';

/** Sets a new password, for whoever has the link from a letter. */
export default function ResetPage() {
  const t = useT();
  useTitle(t('letters.resetTitle'));
  const client = useQueryClient();
  const token = useToken();
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () => letters.reset(token, password),
    onSuccess: () => client.setQueryData(keys.self, null), // here, too, nobody is signed in any more
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!reset.isPending) reset.mutate();
  };
  if (reset.isSuccess) {
    return (
      <AuthFrame title={t('letters.resetTitle')}>
        <p className="auth__lead" role="status">
          {t('letters.resetDone')}
        </p>
        <Link href="/sign-in" className="button button--wide">
          {t('auth.signIn')}
        </Link>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('letters.resetTitle')} lead={<p className="auth__lead">{t(token ? 'letters.resetLead' : 'letters.noToken')}</p>}>
      {token && (
        <form className="form" onSubmit={submit} noValidate>
          <Field label={t('auth.password')} name="password" type="password" value={password} autoComplete="new-password" required
            error={fieldError(t, reset.error, 'password')} onChange={(e) => setPassword(e.target.value)} />
          <FormError error={reset.error} fields={['password']} />
          <Button type="submit" wide busy={reset.isPending} disabled={password === ''}>
            {t('letters.resetAction')}
          </Button>
        </form>
      )}
      <p className="auth__switch">
        <Link href="/forgot-password">{t('letters.again')}</Link>
      </p>
    </AuthFrame>
  );
}
