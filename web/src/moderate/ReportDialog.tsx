import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useT } from '../i18n';
import { Dialog, FormActions } from '../ui/Dialog';
import { Choice, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useToast } from '../ui/Toasts';
import { report, type Reported } from './calls';
import { reasons, type Reason } from './types';
import './messages';
import './moderate.css';

/** Asks why something is reported, and reports it. */
export default function ReportDialog({ what, onClose }: { what: Reported; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [reason, setReason] = useState<Reason | ''>('');
  const [words, setWords] = useState('');
  const send = useMutation({
    mutationFn: () => report(what, reason as Reason, words.trim()),
    onSuccess: (r) => {
      void client.invalidateQueries({ queryKey: ['reports'] });
      toast.say(t(r.reason === reason && r.words === words.trim() ? 'report.sent' : 'report.alreadySent'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (reason !== '') send.mutate();
  };
  return (
    <Dialog title={t('report.title')} onClose={onClose} sheet>
      <form className="form report" onSubmit={submit} noValidate>
        <p className="dialog__text">{t('report.lead')}</p>
        <Choice legend={t('report.title')} legendHidden value={reason} options={reasons.map((r) => ({ value: r, label: t(`reason.${r}`) }))} onChange={setReason} />
        <TextArea label={t('report.words')} value={words} limit={2000} error={fieldError(t, send.error, 'words')} onChange={(e) => setWords(e.target.value)} />
        <FormError error={send.error} fields={['words']} />
        <FormActions action={t('report.send')} busy={send.isPending} disabled={reason === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
