import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { PagedRows } from '../ui/Listing';
import { Time } from '../ui/Time';
import * as calls from './calls';
import { Notice } from './Notice';
import type { Report } from './types';
import './messages';

/** What was decided about me, and what became of what I reported. */
export function ReportsSettings() {
  const t = useT();
  const client = useQueryClient();
  return (
    <>
      <section className="settings__part">
        <h3>{t('reports.notices')}</h3>
        <PagedRows queryKey={['notices']} load={calls.notices} none={<p className="settings__lead">{t('reports.noticesNone')}</p>}>
          {(d) => (
            <li key={d.id} className="rows__row">
              <Notice decision={d} appeal={(words) => calls.appeal(d.id, words).then(() => client.invalidateQueries({ queryKey: ['notices'] }))} />
            </li>
          )}
        </PagedRows>
      </section>
      <section className="settings__part">
        <h3>{t('reports.mine')}</h3>
        <PagedRows queryKey={['reports']} load={calls.reports} none={<p className="settings__lead">{t('reports.mineNone')}</p>}>
          {(r) => <ReportRow key={r.id} report={r} />}
        </PagedRows>
      </section>
    </>
  );
}

function ReportRow({ report: r }: { report: Report }) {
  const t = useT();
  // The report has the number of an account alone: its name is asked for, which is told as far as one may know of it.
  const who = useQuery({ queryKey: ['reports', 'who', r.thing.id], queryFn: () => calls.person(r.thing.id), enabled: r.thing.kind === 'user', retry: false });
  const what = who.data ? t('thing.userNamed', { name: who.data.username }) : t(`thing.${r.thing.kind}`);
  return (
    <li className="rows__row">
      <div className="rows__text">
        <p className="rows__title">
          {what}: {t(`reason.${r.reason}`)}
        </p>
        <p className="rows__meta">
          {t(`reports.${r.state}`)} · <Time at={r.created_time} />
        </p>
        {r.words && <p className="rows__meta">{r.words}</p>}
      </div>
      {r.thing.shortcode && <Link className="report__open" href={`/p/${r.thing.shortcode}`}>{t('thing.open')}</Link>}
    </li>
  );
}
