import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { FormError } from '../../ui/FormError';
import { fieldError } from '../../ui/formErrors';
import { useTitle } from '../../ui/hooks';
import { AuthFrame } from '../AuthFrame';
import { letters } from './api';
import './messages';

/** Asks for a link to set a new password. What it says is the same for every address. */
export default function ForgotPage() {
  const t = useT();
  useTitle(t('letters.forgotTitle'));
  const [email, setEmail] = useState('');
  const ask = useMutation({ mutationFn: () => letters.forgot(email.trim()) });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!ask.isPending) ask.mutate();
  };
  const back = (
    <p className="auth__switch">
      <Link href="/sign-in">{t('auth.signIn')}</Link>
    </p>
  );
  if (ask.isSuccess) {
    return (
      <AuthFrame title={t('letters.sentTitle')}>
        <p className="auth__lead" role="status">
          {t('letters.sentText', { email: email.trim() })}
        </p>
        {back}
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('letters.forgotTitle')} lead={<p className="auth__lead">{t('letters.forgotLead')}</p>}>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t('auth.email')} name="email" type="email" inputMode="email" value={email} autoComplete="email" required
          error={fieldError(t, ask.error, 'email')} onChange={(e) => setEmail(e.target.value)} />
        <FormError error={ask.error} fields={['email']} />
        <Button type="submit" wide busy={ask.isPending} disabled={email.trim() === ''}>
          {t('letters.forgotAction')}
        </Button>
      </form>
      {back}
    </AuthFrame>
  );
}
