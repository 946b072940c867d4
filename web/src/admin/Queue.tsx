import { useState } from 'react';
import { useT, type T } from '../i18n';
import { PagedRows } from '../ui/Listing';
import { reasons } from '../moderate/types';
import { LinkButton } from '../ui/Button';
import { EmptyState } from '../ui/States';
import { Time } from '../ui/Time';
import * as calls from './calls';
import { Select } from './Select';
import type { Case } from './types';
import '../moderate/messages';
import './messages';

/** What a case is about, in a line. */
export function caseTitle(t: T, c: Case): string {
  return t(`queue.of.${c.thing.kind}`, { name: c.user?.username ?? t('queue.gone') });
}

/** The reasons for which something was reported, in a line. */
export function reasonsOf(t: T, list: readonly string[]): string {
  return reasons
    .filter((r) => list.includes(r))
    .map((r) => t(`reason.${r}`))
    .join(', ');
}

/** What was reported, oldest first, and what was decided. */
export function Queue() {
  const t = useT();
  const [kind, setKind] = useState<'' | 'post' | 'comment' | 'user'>('');
  const [state, setState] = useState<'open' | 'closed'>('open');
  const none =
    state === 'closed' ? (
      <p className="settings__lead">{t('queue.noneClosed')}</p>
    ) : (
      <EmptyState icon="check" title={t('queue.noneTitle')}>
        <p className="state__text">{t('queue.noneText')}</p>
      </EmptyState>
    );
  return (
    <>
      <div className="admin__filters">
        <Select label={t('queue.kind')} value={kind} onChange={setKind}
          options={[
            { value: '', label: t('queue.all') },
            { value: 'post', label: t('queue.post') },
            { value: 'comment', label: t('queue.comment') },
            { value: 'user', label: t('queue.user') },
          ]}
        />
        <Select label={t('queue.state')} value={state} onChange={setState}
          options={[
            { value: 'open', label: t('queue.open') },
            { value: 'closed', label: t('queue.closed') },
          ]}
        />
      </div>
      <PagedRows queryKey={['admin', 'cases', kind, state]} load={calls.cases(kind, state)} none={none}>
        {(c) => <CaseRow key={c.id} c={c} />}
      </PagedRows>
    </>
  );
}

function CaseRow({ c }: { c: Case }) {
  const t = useT();
  const title = caseTitle(t, c);
  return (
    <li className="rows__row">
      <div className="rows__text">
        <p className="rows__title">{title}</p>
        <p className="rows__meta">
          {t('queue.count', { count: c.reports })}: {reasonsOf(t, c.reasons)} · <Time at={c.opened_time} />
        </p>
        {c.text && <p className="admin__text">{c.text}</p>}
        {c.is_private && <p className="rows__meta">{t('queue.private')}</p>}
        {c.state === 'open' && c.claimed_by && <p className="rows__meta">{t('queue.claimedBy', { name: c.claimed_by.username })}</p>}
        {c.state !== 'open' && c.closed_by && <p className="rows__meta">{t(`case.by.${c.state}`, { name: c.closed_by.username })}</p>}
      </div>
      <LinkButton kind="quiet" href={`/admin/reports/${c.id}`} label={t('queue.lookName', { what: title })}>
        {t('queue.look')}
      </LinkButton>
    </li>
  );
}
