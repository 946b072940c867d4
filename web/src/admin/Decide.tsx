import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { useT } from '../i18n';
import { reasons, type Reason } from '../moderate/types';
import { Button } from '../ui/Button';
import { Choice, Field, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useToast } from '../ui/Toasts';
import * as calls from './calls';
import { Select } from './Select';
import type { Preview, Verdict } from './types';
import '../moderate/messages';
import './messages';

/** The form that decides a case. */
export function Decide({ c }: { c: Preview }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const first = reasons.find((r) => c.reasons.includes(r)) ?? 'other';
  const [form, setForm] = useState<{ action: Verdict['action'] | ''; reason: Reason; words: string; days: string }>({ action: '', reason: first, words: '', days: '' });
  const decide = useMutation({
    mutationFn: () => {
      const words = form.words.trim();
      if (form.action === 'dismiss' || form.action === '') return calls.decide(c.id, { action: 'dismiss', words });
      const days = form.action === 'suspend' ? Number(form.days) : 0;
      return calls.decide(c.id, { action: form.action, reason: form.reason, words, days });
    },
    onSuccess: async () => {
      toast.say(t('case.decided'));
      navigate('/admin');
      await client.invalidateQueries({ queryKey: ['admin'] });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (form.action !== '') decide.mutate();
  };
  const actions: Verdict['action'][] = c.thing.kind === 'user' ? ['dismiss', 'warn', 'suspend'] : ['dismiss', 'warn', 'remove', 'suspend'];
  return (
    <form className="form" onSubmit={submit} noValidate>
      <Choice legend={t('case.decide')} legendHidden value={form.action} options={actions.map((a) => ({ value: a, label: t(`case.${a}`), hint: t(`case.${a}Hint`) }))}
        onChange={(action) => setForm({ ...form, action })} />
      {form.action !== '' && form.action !== 'dismiss' && (
        <>
          <Select label={t('case.reason')} value={form.reason} options={reasons.map((r) => ({ value: r, label: t(`reason.${r}`) }))}
            onChange={(reason) => setForm({ ...form, reason })} />
          <TextArea label={t('case.words')} value={form.words} limit={2000} error={fieldError(t, decide.error, 'words')}
            onChange={(e) => setForm({ ...form, words: e.target.value })} />
        </>
      )}
      {form.action === 'suspend' && (
        <Field label={t('case.days')} hint={t('case.daysHint')} type="number" inputMode="numeric" min={0} max={3650} value={form.days}
          error={fieldError(t, decide.error, 'days')} onChange={(e) => setForm({ ...form, days: e.target.value })} />
      )}
      <FormError error={decide.error} fields={['words', 'days']} />
      <Button type="submit" kind={form.action === 'suspend' || form.action === 'remove' ? 'danger' : 'primary'} busy={decide.isPending} disabled={form.action === ''}>
        {t('case.decide')}
      </Button>
    </form>
  );
}
