import { useState } from 'react';
import { useT, type MessageKey, type T } from '../i18n';
import { PagedRows } from '../ui/Listing';
import { reasons } from '../moderate/types';
import { UserLink } from '../ui/Avatar';
import { Time } from '../ui/Time';
import * as calls from './calls';
import { Select } from './Select';
import type { AuditEntry } from './types';
import '../moderate/messages';
import { words as said } from './messages';

const filters = ['', 'case', 'appeal', 'user', 'invite', 'knobs', 'site', 'job', 'app'] as const;

/** What admins, moderators and operators did, newest first. */
export function Audit() {
  const t = useT();
  const [deed, setDeed] = useState<(typeof filters)[number]>('');
  return (
    <>
      <div className="admin__filters">
        <Select label={t('audit.filter')} value={deed} onChange={setDeed} options={filters.map((f) => ({ value: f, label: t(f === '' ? 'audit.all' : `audit.${f}`) }))} />
      </div>
      <PagedRows queryKey={['admin', 'audit', deed]} load={calls.audit(deed && `${deed}.`)} none={<p className="settings__lead">{t('audit.none')}</p>}>
        {(e) => <Entry key={e.id} entry={e} />}
      </PagedRows>
    </>
  );
}

function author(t: T, e: AuditEntry): string {
  return e.via ? t('audit.command', { name: e.via }) : t('audit.itself');
}

const failed = '.failed';

/** What was done in words, where the catalogue has any for it. */
function deedOf(t: T, deed: string): string {
  if (deed.endsWith(failed)) return t('audit.failed', { deed: deedOf(t, deed.slice(0, -failed.length)) });
  const key = `deed.${deed}`;
  return key in said.en ? t(key as MessageKey) : deed;
}

/** "spam: words" is the reason that was chosen and what was said to it. */
function reasonOf(t: T, reason: string): string {
  const known = reasons.find((r) => reason === r || reason.startsWith(`${r}: `));
  return known ? t(`reason.${known}`) + reason.slice(known.length) : reason;
}

function Entry({ entry: e }: { entry: AuditEntry }) {
  const t = useT();
  return (
    <li className="rows__row">
      <dl className="admin__entry">
        <dt>{t('audit.what')}</dt>
        <dd className="rows__title">
          {deedOf(t, e.deed)}
          <span className="admin__deed">
            {e.deed} {e.thing}
          </span>
        </dd>
        <dt>{t('audit.who')}</dt>
        <dd>
          {e.by ? <UserLink user={e.by} /> : author(t, e)} · <Time at={e.time} />
        </dd>
        {e.user && (
          <>
            <dt>{t('audit.whom')}</dt>
            <dd>
              <UserLink user={e.user} />
            </dd>
          </>
        )}
        {e.reason && (
          <>
            <dt>{t('audit.why')}</dt>
            <dd className="admin__text">{reasonOf(t, e.reason)}</dd>
          </>
        )}
      </dl>
    </li>
  );
}
