import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { copyText } from '../../ui/clipboard';
import { Field } from '../../ui/Field';
import { useToast } from '../../ui/Toasts';

/** Something to copy: a client ID, or a secret while it is shown. */
export function Secret({ label, value }: { label: string; value: string }) {
  const t = useT();
  const toast = useToast();
  return (
    <div className="secret">
      <Field label={label} value={value} readOnly onFocus={(e) => e.target.select()} />
      <Button kind="quiet" aria-label={t('action.copyName', { name: label })} onClick={async () => toast.say((await copyText(value)) ? t('action.copied') : value)}>
        {t('action.copy')}
      </Button>
    </div>
  );
}
