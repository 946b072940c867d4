import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { PagedRows } from '../ui/Listing';
import { reasons, type Reason } from '../moderate/types';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { Dialog, FormActions } from '../ui/Dialog';
import { Field, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useDebounced } from '../ui/hooks';
import { MenuItem as Item } from '../ui/MenuItem';
import { useToast } from '../ui/Toasts';
import * as calls from './calls';
import { Select } from './Select';
import type { Member } from './types';
import '../moderate/messages';
import './messages';

/** Everybody, by username, and what an admin can do about them. */
export function Members() {
  const t = useT();
  const [q, setQ] = useState('');
  const [state, setState] = useState<'' | Member['state']>('');
  const wanted = useDebounced(q.trim().toLowerCase(), 250);
  const states = ['active', 'suspended', 'unfinished', 'deleted'] as const;
  return (
    <>
      <div className="admin__filters">
        <Field label={t('members.search')} type="search" autoCapitalize="none" spellCheck={false} value={q} onChange={(e) => setQ(e.target.value)} />
        <Select label={t('queue.state')} value={state} onChange={setState} options={[{ value: '', label: t('members.any') }, ...states.map((s) => ({ value: s, label: t(`members.${s}`) }))]} />
      </div>
      <PagedRows queryKey={['admin', 'members', wanted, state]} load={calls.members(wanted, state)} none={<p className="settings__lead">{t('members.none')}</p>}>
        {(m) => <MemberRow key={m.id} member={m} />}
      </PagedRows>
    </>
  );
}

function MemberRow({ member: m }: { member: Member }) {
  const t = useT();
  const { date } = useFormat();
  const [open, setOpen] = useState<'menu' | 'suspend' | null>(null);
  const marks = [m.is_admin && t('members.admin'), m.is_moderator && t('members.moderator'), m.state !== 'active' && t(`members.${m.state}`)].filter(Boolean);
  return (
    <li className="rows__row">
      <div className="admin__person">
        <AvatarLink user={m} size={40} />
        <div className="rows__text">
          <p className="rows__title">
            <UserLink user={m} />
          </p>
          <p className="rows__meta">{[...marks, t('members.posts', { count: m.counts.media }), m.created_time && t('members.since', { date: date(m.created_time) })].filter(Boolean).join(' · ')}</p>
        </div>
      </div>
      <IconButton icon="more" label={t('members.doName', { name: m.username })} aria-haspopup="dialog" onClick={() => setOpen('menu')} />
      {open === 'menu' && <Deeds member={m} onClose={() => setOpen(null)} onSuspend={() => setOpen('suspend')} />}
      {open === 'suspend' && <Suspend member={m} onClose={() => setOpen(null)} />}
    </li>
  );
}

function Deeds({ member: m, onClose, onSuspend }: { member: Member; onClose: () => void; onSuspend: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const deed = useMutation({
    mutationFn: (f: () => Promise<unknown>) => f(),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['admin'] });
      toast.say(t('members.done'));
    },
    onError: toast.fail,
  });
  const run = (f: () => Promise<unknown>) => () => {
    onClose();
    deed.mutate(f);
  };
  return (
    <Dialog title={t('members.doName', { name: m.username })} onClose={onClose} sheet bare>
      <ul className="menu">
        <Item icon="people" label={t(m.is_moderator ? 'members.endModerator' : 'members.makeModerator')} onClick={run(() => calls.setModerator(m.id, !m.is_moderator))} />
        <Item icon="lock" label={t('members.twoFactor')} onClick={run(() => calls.resetTwoFactor(m.id))} />
        <Item icon="offline" label={t('members.signOut')} onClick={run(() => calls.signOut(m.id))} />
        {m.state === 'suspended' ? (
          <Item icon="check" label={t('members.lift')} onClick={run(() => calls.lift(m.id))} />
        ) : (
          <Item icon="block" danger label={t('members.suspend')} onClick={onSuspend} />
        )}
        <Item icon="close" label={t('action.cancel')} onClick={onClose} />
      </ul>
    </Dialog>
  );
}

function Suspend({ member: m, onClose }: { member: Member; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [form, setForm] = useState<{ reason: Reason; words: string; days: string }>({ reason: 'other', words: '', days: '' });
  const send = useMutation({
    mutationFn: () => calls.suspend(m.id, { reason: form.reason, words: form.words.trim(), days: Number(form.days) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['admin'] });
      toast.say(t('members.done'));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    send.mutate();
  };
  return (
    <Dialog title={t('members.suspendTitle', { name: m.username })} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <p className="dialog__text">{t('case.suspendHint')}</p>
        <Select label={t('case.reason')} value={form.reason} options={reasons.map((r) => ({ value: r, label: t(`reason.${r}`) }))} onChange={(reason) => setForm({ ...form, reason })} />
        <TextArea label={t('case.words')} value={form.words} limit={2000} error={fieldError(t, send.error, 'words')} onChange={(e) => setForm({ ...form, words: e.target.value })} />
        <Field label={t('case.days')} hint={t('case.daysHint')} type="number" inputMode="numeric" min={0} max={3650} value={form.days} error={fieldError(t, send.error, 'days')}
          onChange={(e) => setForm({ ...form, days: e.target.value })} />
        <FormError error={send.error} fields={['words', 'days']} />
        <FormActions action={t('members.suspend')} danger busy={send.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
