import { useT } from '../../i18n';
import { Field } from '../../ui/Field';

interface Props {
  value: string;
  error?: string;
  /** A recovery code will do, too. */
  recovery?: boolean;
  onChange: (code: string) => void;
}

/** Where the code of the authenticator app goes; phones offer it by themselves. */
export function CodeField({ value, error, recovery = false, onChange }: Props) {
  const t = useT();
  return (
    <Field label={t('auth.code')} hint={recovery ? t('auth.codeHint') : undefined} name="code" value={value} autoComplete="one-time-code"
      inputMode={recovery ? 'text' : 'numeric'} autoCapitalize="none" spellCheck={false} required error={error} onChange={(e) => onChange(e.target.value)} />
  );
}
