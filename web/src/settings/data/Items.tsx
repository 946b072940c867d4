import { useInfiniteQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { importsApi, type Import, type ItemState } from './api';
import { titleOf, why } from './why';
import './messages';

/** How many items come at a time. */
const page = 100;

/** What became of each thing in an archive, looked at on demand. */
export function Items({ item }: { item: Import }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t('data.items')}</summary>
      {open && <List item={item} />}
    </details>
  );
}

function List({ item }: { item: Import }) {
  const t = useT();
  const { date } = useFormat();
  const id = useId();
  const [state, setState] = useState<ItemState | ''>(item.failed > 0 ? 'failed' : '');
  const settled = item.done + item.skipped + item.failed;
  const query = useInfiniteQuery({
    queryKey: ['import-items', item.id, state, item.state === 'running' ? Math.floor(settled / page) : item.state],
    queryFn: ({ pageParam }) => importsApi.items(item.id, state, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < page ? undefined : (last.at(-1)?.n ?? undefined)),
    placeholderData: (before) => before,
  });
  const list = query.data?.pages.flat() ?? [];
  return (
    <div className="data-items">
      <div className="data-items__head">
        <label htmlFor={id}>{t('data.filter')}</label>
        <select id={id} value={state} onChange={(e) => setState(e.target.value as ItemState | '')}>
          <option value="">{t('data.all')}</option>
          {(['waiting', 'done', 'skipped', 'failed'] as const).map((s) => (
            <option key={s} value={s}>
              {t(`data.state.${s}`)}
            </option>
          ))}
        </select>
        <a href={importsApi.csv(item.id)} download>
          {t('data.csv')}
        </a>
      </div>
      {query.isPending && <Spinner />}
      {query.isError && list.length === 0 && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && list.length === 0 && <p className="settings__lead">{t('data.noItems')}</p>}
      <ul className="rows">
        {list.map((it) => (
          <li key={it.n} className="rows__row">
            <div>
              {it.shortcode ? <Link href={`/p/${it.shortcode}`}>{it.title}</Link> : <span>{titleOf(t, it.title)}</span>}
              <small>
                {t(`data.state.${it.state}`)}
                {it.taken_time && ` · ${date(it.taken_time)}`}
                {it.reasons && ` · ${why(t, it.reasons)}`}
              </small>
            </div>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button kind="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('data.more')}
        </Button>
      )}
    </div>
  );
}
