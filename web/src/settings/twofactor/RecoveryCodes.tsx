import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { copyText } from '../../ui/clipboard';
import { Dialog } from '../../ui/Dialog';
import { useToast } from '../../ui/Toasts';
import '../messages';

/** The recovery codes, while they can be seen: to be copied, or kept as a file. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const text = codes.join('\n') + '\n';
  return (
    <Dialog title={t('twoFactor.codes')} onClose={onClose}>
      <p className="dialog__text">{t('twoFactor.codesText')}</p>
      <ul className="two-factor__codes">
        {codes.map((c) => (
          <li key={c}>{c}</li>
        ))}
      </ul>
      <div className="dialog__actions">
        <Button kind="quiet" onClick={async () => toast.say((await copyText(text)) ? t('action.copied') : t('twoFactor.notCopied'))}>
          {t('action.copy')}
        </Button>
        <a className="button button--quiet" href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`} download="recovery-codes.txt">
          {t('twoFactor.download')}
        </a>
        <Button onClick={onClose}>{t('twoFactor.kept')}</Button>
      </div>
    </Dialog>
  );
}
