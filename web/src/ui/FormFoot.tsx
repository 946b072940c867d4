import { useT } from '../i18n';
import { Button } from './Button';

interface Props {
  /** What went wrong, if it is about none of the fields. */
  failure?: string;
  /** What the button that sends the form says. */
  action: string;
  busy: boolean;
  danger?: boolean;
  disabled?: boolean;
  onCancel: () => void;
}

/** The end of a form in a dialog: what went wrong with all of it, and its two buttons. */
export function FormFoot({ failure, action, busy, danger = false, disabled = false, onCancel }: Props) {
  const t = useT();
  return (
    <>
      {failure && (
        <p className="form__error" role="alert">
          {failure}
        </p>
      )}
      <div className="dialog__actions">
        <Button kind="quiet" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled}>
          {action}
        </Button>
      </div>
    </>
  );
}
