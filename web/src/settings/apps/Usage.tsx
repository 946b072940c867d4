import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import * as api from '../../api/endpoints';
import type { App } from '../../api/types';
import { useI18n, type MessageKey } from '../../i18n';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { buckets, niceTop, type Bucket } from './buckets';
import './messages';

const ranges: readonly { hours: number; label: MessageKey; byDay: boolean }[] = [
  { hours: 24, label: 'apps.usageDay', byDay: false },
  { hours: 168, label: 'apps.usageWeek', byDay: false },
  { hours: 720, label: 'apps.usageMonth', byDay: true },
];

/** How much an app called, as bars and as a table. */
export function Usage({ app }: { app: App }) {
  const { t, locale } = useI18n();
  const [chosen, setChosen] = useState(1);
  const range = ranges[chosen] ?? ranges[0]!;
  const query = useQuery({ queryKey: ['apps', app.id, 'usage', range.hours], queryFn: () => api.apps.usage(app.id, range.hours) });
  const count = new Intl.NumberFormat(locale);
  return (
    <section className="settings__part">
      <h3>{t('apps.usage')}</h3>
      <div className="usage__ranges" role="group" aria-label={t('apps.usageRange')}>
        {ranges.map((r, i) => (
          <button key={r.hours} type="button" className="usage__range" aria-pressed={i === chosen} onClick={() => setChosen(i)}>
            {t(r.label)}
          </button>
        ))}
      </div>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Graph bars={buckets(query.data, range.byDay)} byDay={range.byDay} />}
      <p className="field__hint">{app.hourly_limit === 0 ? t('apps.usageNoLimit') : t('apps.usageLimit', { count: count.format(app.hourly_limit) })}</p>
      <p className="field__hint">{t('apps.usageCaps')}</p>
    </section>
  );
}

const width = 560;
const height = 150;
const floor = height - 20;
const left = 52; // as wide as "100K" on a phone

function Graph({ bars, byDay }: { bars: Bucket[]; byDay: boolean }) {
  const { t, locale } = useI18n();
  const when = new Intl.DateTimeFormat(locale, byDay ? { day: 'numeric', month: 'short' } : { weekday: 'short', hour: 'numeric' });
  const whole = new Intl.DateTimeFormat(locale, byDay ? { dateStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' });
  const number = new Intl.NumberFormat(locale, { notation: 'compact' });
  const full = new Intl.NumberFormat(locale);
  const at = (b: Bucket, f: Intl.DateTimeFormat) => f.format(new Date(b.time * 1000));
  const used = bars.filter((b) => b.calls + b.refused > 0);
  const sum = (f: (b: Bucket) => number) => bars.reduce((n, b) => n + f(b), 0);
  if (used.length === 0) return <p className="usage__none">{t('apps.usageNone')}</p>;
  const most = Math.max(...bars.map((b) => b.calls + b.refused));
  const top = niceTop(most);
  const step = (width - left) / bars.length;
  const bar = Math.max(1, step * 0.8);
  const tall = (n: number) => (n / top) * (floor - 10);
  const words = t('apps.usageSum', {
    calls: sum((b) => b.calls), most: Math.max(...bars.map((b) => b.calls)), refused: sum((b) => b.refused), step: t(byDay ? 'apps.usageDayStep' : 'apps.usageHour'),
  });
  const marks = [0, Math.floor((bars.length - 1) / 2), bars.length - 1];
  return (
    <figure className="usage">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
        {[0, top / 2, top].map((n) => (
          <g key={n}>
            <line className="usage__line" x1={left} x2={width} y1={floor - tall(n)} y2={floor - tall(n)} />
            {Number.isInteger(n) && (
              <text className="usage__word" x={left - 6} y={floor - tall(n) + 4} textAnchor="end">
                {number.format(n)}
              </text>
            )}
          </g>
        ))}
        {bars.map((b, i) => (
          <g key={b.time}>
            <rect className="usage__calls" x={left + i * step} width={bar} y={floor - tall(b.calls)} height={tall(b.calls)} />
            {b.refused > 0 && <rect className="usage__refused" x={left + i * step} width={bar} y={floor - tall(b.calls + b.refused)} height={tall(b.refused)} />}
          </g>
        ))}
        {marks.map((i, n) => {
          const b = bars[i];
          return (
            b && (
              <text key={n} className="usage__word" x={n === 0 ? left : n === 1 ? left + (width - left) / 2 : width} y={height - 4} textAnchor={n === 0 ? 'start' : n === 1 ? 'middle' : 'end'}>
                {at(b, when)}
              </text>
            )
          );
        })}
      </svg>
      <figcaption>
        <p>{words}</p>
        <p className="usage__legend" aria-hidden="true">
          <span className="usage__key usage__key--calls" /> {t('apps.usageCalls')} <span className="usage__key usage__key--refused" /> {t('apps.usageRefused')}
        </p>
      </figcaption>
      <details>
        <summary>{t('apps.usageTable')}</summary>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
        <div className="usage__table" role="region" aria-label={t('apps.usage')} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('apps.usageTime')}</th>
                <th scope="col">{t('apps.usageCalls')}</th>
                <th scope="col">{t('apps.usageRefused')}</th>
              </tr>
            </thead>
            <tbody>
              {used.toReversed().map((b) => (
                <tr key={b.time}>
                  <th scope="row">{at(b, whole)}</th>
                  <td>{full.format(b.calls)}</td>
                  <td>{full.format(b.refused)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
