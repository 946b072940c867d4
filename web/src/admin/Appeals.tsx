import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useT } from '../i18n';
import { PagedRows } from '../ui/Listing';
import type { Decision } from '../moderate/types';
import { Button, LinkButton } from '../ui/Button';
import { Dialog, FormActions } from '../ui/Dialog';
import { Choice, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { EmptyState } from '../ui/States';
import { Time } from '../ui/Time';
import { useToast } from '../ui/Toasts';
import * as calls from './calls';
import '../moderate/messages';
import './messages';

/** What is to be looked at again, oldest first. */
export function Appeals() {
  const t = useT();
  const [answering, setAnswering] = useState<Decision | null>(null);
  const none = (
    <EmptyState icon="check" title={t('appeals.noneTitle')}>
      <p className="state__text">{t('appeals.noneText')}</p>
    </EmptyState>
  );
  return (
    <>
      <PagedRows queryKey={['admin', 'appeals']} load={calls.appeals} none={none}>
        {(d) => <AppealRow key={d.id} decision={d} onAnswer={() => setAnswering(d)} />}
      </PagedRows>
      {answering && <Answer decision={answering} onClose={() => setAnswering(null)} />}
    </>
  );
}

function AppealRow({ decision: d, onAnswer }: { decision: Decision; onAnswer: () => void }) {
  const t = useT();
  const name = d.user?.username ?? t('queue.gone');
  return (
    <li className="rows__row admin__appeal">
      <div className="rows__text">
        <p className="rows__title">{t(`appeals.of.${d.action}`, { name })}</p>
        <p className="rows__meta">
          {t(`reason.${d.reason}`)} · {d.by ? t('appeals.by', { name: d.by.username }) : t('audit.itself')} · <Time at={d.created_time} />
        </p>
        {d.words && <p className="admin__text">{d.words}</p>}
        {d.text && <blockquote className="admin__quote">{d.text}</blockquote>}
        {d.text === '' && d.thing.kind !== 'user' && d.case_id && <p className="rows__meta">{t('appeals.private')}</p>}
        <p className="admin__said">{t('appeals.says', { name })}</p>
        <p className="admin__text">{d.appeal.words}</p>
      </div>
      <div className="row">
        <Button aria-label={t('appeals.answerName', { name })} onClick={onAnswer}>
          {t('appeals.answer')}
        </Button>
        {d.case_id && (
          <LinkButton kind="quiet" href={`/admin/reports/${d.case_id}`} label={t('appeals.caseName', { name })}>
            {t('appeals.case')}
          </LinkButton>
        )}
      </div>
    </li>
  );
}

function Answer({ decision, onClose }: { decision: Decision; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [grant, setGrant] = useState<'yes' | 'no' | ''>('');
  const [words, setWords] = useState('');
  const send = useMutation({
    mutationFn: () => calls.answer(decision.id, grant === 'yes', words.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['admin'] });
      toast.say(t('appeals.answered'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (grant !== '') send.mutate();
  };
  return (
    <Dialog title={t('appeals.answer')} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <Choice legend={t('appeals.answer')} legendHidden value={grant} onChange={setGrant}
          options={[
            { value: 'yes', label: t('appeals.grant') },
            { value: 'no', label: t('appeals.reject') },
          ]}
        />
        <TextArea label={t('appeals.words')} value={words} limit={2000} required error={fieldError(t, send.error, 'words')} onChange={(e) => setWords(e.target.value)} />
        <FormError error={send.error} fields={['words']} />
        <FormActions action={t('appeals.answer')} busy={send.isPending} disabled={grant === '' || words.trim() === ''} onClose={onClose} />
      </form>
    </Dialog>
  );
}
