import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import css from './compose.module.css';
import './messages';

interface Props {
  onStay: () => void;
  onKeep: () => void;
  onDiscard: () => void;
}

export function LeaveDialog({ onStay, onKeep, onDiscard }: Props) {
  const t = useT();
  return (
    <Dialog title={t('compose.leave.title')} onClose={onStay}>
      <p className="dialog__text">{t('compose.leave.text')}</p>
      <div className={css.leave}>
        <Button wide onClick={onKeep}>
          {t('compose.leave.keep')}
        </Button>
        <Button wide kind="danger" onClick={onDiscard}>
          {t('compose.leave.discard')}
        </Button>
        <Button wide kind="quiet" onClick={onStay}>
          {t('compose.leave.stay')}
        </Button>
      </div>
    </Dialog>
  );
}
