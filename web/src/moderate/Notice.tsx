import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { Button } from '../ui/Button';
import { Dialog, FormActions } from '../ui/Dialog';
import { TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { Time } from '../ui/Time';
import { useToast } from '../ui/Toasts';
import type { Decision } from './types';
import '../settings/settings.css';
import './messages';
import './moderate.css';

interface NoticeProps {
  decision: Decision;
  /** The level below the heading that it stands under. */
  heading?: 'h2' | 'h4';
  appeal: (words: string) => Promise<unknown>;
}

/** One decision, for the person concerned: what, why, and the way to appeal. */
export function Notice({ decision: d, heading: Heading = 'h4', appeal }: NoticeProps) {
  const t = useT();
  const { date } = useFormat();
  const [asking, setAsking] = useState(false);
  const appealed = { none: null, open: 'notice.appealOpen', granted: 'notice.appealGranted', rejected: 'notice.appealRejected' } as const;
  const said = appealed[d.appeal.state];
  return (
    <article className="notice" aria-labelledby={`notice-${d.id}`}>
      <Heading id={`notice-${d.id}`} className="notice__title">
        {t(d.action === 'remove' && d.thing.kind === 'comment' ? 'notice.removeComment' : `notice.${d.action}`)}
      </Heading>
      <p className="rows__meta">
        {t(`reason.${d.reason}`)} · <Time at={d.created_time} />
        {d.state !== 'holds' && ` · ${t(`notice.${d.state}`)}`}
        {d.state === 'holds' && d.action === 'suspend' && ` · ${d.until_time ? t('notice.until', { date: date(d.until_time) }) : t('notice.forGood')}`}
      </p>
      {d.words && <p className="notice__words">{d.words}</p>}
      {d.text && d.action !== 'suspend' && (
        <blockquote className="notice__text" aria-label={t('notice.said')}>
          {d.text}
        </blockquote>
      )}
      {d.action === 'remove' && d.state === 'holds' && d.thing.kind === 'post' && (
        <p className="rows__meta">
          {t('notice.kept')} {d.thing.shortcode && <Link href={`/p/${d.thing.shortcode}`}>{t('thing.open')}</Link>}
        </p>
      )}
      {said && (
        <div className="notice__appeal">
          <p className="notice__said">{t(said)}</p>
          <p className="notice__words">{t('notice.appealed', { words: d.appeal.words })}</p>
          {d.appeal.reply && <p className="notice__words">{t('notice.reply', { words: d.appeal.reply })}</p>}
        </div>
      )}
      {d.can_appeal && (
        <Button kind="quiet" onClick={() => setAsking(true)}>
          {t('notice.appeal')}
        </Button>
      )}
      {asking && <AppealDialog appeal={appeal} onClose={() => setAsking(false)} />}
    </article>
  );
}

function AppealDialog({ appeal, onClose }: { appeal: (words: string) => Promise<unknown>; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const [words, setWords] = useState('');
  const send = useMutation({
    mutationFn: () => appeal(words.trim()),
    onSuccess: () => {
      toast.say(t('notice.appealSent'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    send.mutate();
  };
  return (
    <Dialog title={t('notice.appeal')} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <p className="dialog__text">{t('notice.appealLead')}</p>
        <TextArea label={t('notice.appealWords')} value={words} limit={2000} required error={fieldError(t, send.error, 'words')} onChange={(e) => setWords(e.target.value)} />
        <FormError error={send.error} fields={['words']} />
        <FormActions action={t('notice.appeal')} busy={send.isPending} disabled={words.trim() === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
