import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useT } from '../i18n';
import { Button, IconButton } from './Button';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** A sheet rises from the bottom on phones. */
  sheet?: boolean;
  /** The title is for screen readers only. */
  bare?: boolean;
}

/** A modal dialog; mount it to open it. Esc, the backdrop and the cross close it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children, sheet = false, bare = false }: Props) {
  const t = useT();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);

  return (
    // The backdrop is a part of the dialog element; the keyboard's way out is Esc.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      className={`dialog ${sheet ? 'dialog--sheet' : ''}`}
      aria-labelledby={titleId}
      onCancel={(e) => {
        e.preventDefault();
        if (e.target === ref.current) onClose();
      }}
      onClick={(e) => {
        if (e.target === ref.current) onClose();
      }}
    >
      <div className="dialog__inner">
        <header className={bare ? 'visually-hidden' : 'dialog__head'}>
          <h2 id={titleId}>{title}</h2>
          {!bare && <IconButton icon="close" label={t('action.close')} onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface FormActionsProps {
  action: string;
  busy: boolean;
  danger?: boolean;
  disabled?: boolean;
  onClose: () => void;
}

/** The two ways out of a form in a dialog. */
export function FormActions({ action, busy, danger = false, disabled = false, onClose }: FormActionsProps) {
  const t = useT();
  return (
    <div className="dialog__actions">
      <Button kind="quiet" onClick={onClose}>
        {t('action.cancel')}
      </Button>
      <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled}>
        {action}
      </Button>
    </div>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, text, action, busy = false, onConfirm, onClose }: ConfirmProps) {
  const t = useT();
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="dialog__text">{text}</p>
      <div className="dialog__actions">
        <Button kind="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button kind="danger" busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
