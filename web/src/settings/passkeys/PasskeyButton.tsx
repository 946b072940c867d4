import { useMutation } from '@tanstack/react-query';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { FormError } from '../../ui/FormError';
import { passkeys } from './api';
import { canPasskeys, gaveUp, get } from './credentials';
import './messages';

interface Props {
  label: string;
  /** Both are '' for signing in by the passkey alone. */
  login: string;
  password: string;
  onDone: () => Promise<void>;
  onError: (e: unknown) => void;
}

/** Signs in by a passkey: alone, or beside name and password. */
export default function PasskeyButton({ label, login, password, onDone, onError }: Props) {
  const t = useT();
  const signIn = useMutation({
    mutationFn: async () => passkeys.signIn(await get(await passkeys.challenge(login, password)), login, password),
    onSuccess: onDone,
    onError,
  });
  if (!canPasskeys()) return null;
  return (
    <>
      <Button kind="quiet" wide busy={signIn.isPending} onClick={() => signIn.mutate()}>
        {label}
      </Button>
      {gaveUp(signIn.error) ? (
        <p className="form__error" role="alert">
          {t('passkeys.gaveUp')}
        </p>
      ) : (
        <FormError error={signIn.error} fields={[]} />
      )}
    </>
  );
}
