import { useState } from 'react';
import { useT, type T } from '../i18n';
import { PagedRows } from '../moderate/ReportsSettings';
import { UserLink } from '../ui/Avatar';
import { Time } from '../ui/Time';
import * as calls from './calls';
import { Select } from './Select';
import type { AuditEntry } from './types';
import './messages';

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

function Entry({ entry: e }: { entry: AuditEntry }) {
  const t = useT();
  return (
    <li className="rows__row">
      <dl className="admin__entry">
        <dt>{t('audit.what')}</dt>
        <dd className="rows__title">
          {e.deed} {e.thing && <span className="rows__meta">{e.thing}</span>}
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
            <dd className="admin__text">{e.reason}</dd>
          </>
        )}
      </dl>
    </li>
  );
}
