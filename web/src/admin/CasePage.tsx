import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { PagedRows } from '../ui/Listing';
import type { Decision } from '../moderate/types';
import { useSelf } from '../session';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { Time } from '../ui/Time';
import { useToast } from '../ui/Toasts';
import * as calls from './calls';
import { Decide } from './Decide';
import { caseTitle, reasonsOf } from './Queue';
import type { Preview } from './types';
import '../moderate/messages';
import './messages';

/** One case: what it is about, who reported it and why, and the form to decide it. */
export function CasePage({ id }: { id: string }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const self = useSelf();
  // Looking is put down each time; so it is not looked again without need.
  const query = useQuery({ queryKey: ['admin', 'case', id], queryFn: () => calls.oneCase(id), staleTime: Infinity, refetchOnWindowFocus: false });
  const claim = useMutation({
    mutationFn: (on: boolean) => calls.claim(id, on),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['admin', 'case', id] });
      void client.invalidateQueries({ queryKey: ['admin', 'cases'] });
    },
    onError: toast.fail,
  });
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const c = query.data;
  const mine = c.claimed_by?.id === self?.id;
  return (
    <>
      <p>
        <Link href="/admin">{t('case.all')}</Link>
      </p>
      <h2>{caseTitle(t, c)}</h2>
      <p className="rows__meta">
        {t('queue.count', { count: c.reports })}: {reasonsOf(t, c.reasons)} · <Time at={c.opened_time} />
      </p>
      <What c={c} />
      <section className="settings__part">
        <h3>{t('case.reports')}</h3>
        <PagedRows queryKey={['admin', 'reports', id]} load={calls.reportsIn(id)} none={null}>
          {(r) => (
            <li key={r.id} className="rows__row">
              <div className="rows__text">
                <p className="rows__title">{t(`reason.${r.reason}`)}</p>
                <p className="rows__meta">
                  {r.by && <UserLink user={r.by} />} · <Time at={r.created_time} />
                </p>
                {r.words && <p className="admin__text">{r.words}</p>}
              </div>
            </li>
          )}
        </PagedRows>
      </section>
      <Before list={c.before} again={() => void query.refetch()} />
      {c.state === 'open' ? (
        <section className="settings__part">
          <h3>{t('case.decide')}</h3>
          {c.claimed_by && !mine && <p className="settings__lead">{t('queue.claimedBy', { name: c.claimed_by.username })}</p>}
          <Button kind="quiet" busy={claim.isPending} onClick={() => claim.mutate(!mine)}>
            {t(mine ? 'case.unclaim' : 'case.claim')}
          </Button>
          <Decide c={c} />
        </section>
      ) : (
        <p className="settings__lead">{t(`case.by.${c.state}`, { name: c.closed_by?.username ?? t('queue.gone') })}</p>
      )}
    </>
  );
}

/** The thing itself, as it was and as it is. */
function What({ c }: { c: Preview }) {
  const t = useT();
  const now = c.thing.kind === 'comment' ? c.comment : c.thing.kind === 'post' ? c.caption : '';
  return (
    <section className="settings__part">
      {c.user && (
        <p className="admin__person">
          <AvatarLink user={c.user} size={40} />
          <span>
            <UserLink user={c.user} /> {c.user.full_name}
          </span>
        </p>
      )}
      {c.is_gone && <p className="settings__lead">{t('case.isGone')}</p>}
      {!c.is_gone && !c.is_private && c.state !== 'acted' && c.thing.shortcode && (
        <p>
          <Link href={`/p/${c.thing.shortcode}`}>{t('thing.open')}</Link>
        </p>
      )}
      {c.pictures.length > 0 && (
        <>
          {c.thing.kind === 'comment' && <h3>{t('case.on')}</h3>}
          <ul className="admin__pictures">
            {c.pictures.map((p, n) => (
              <li key={p.url}>
                <img src={p.url} alt={p.alt_text || t('case.picture', { n: n + 1 })} loading="lazy" style={{ aspectRatio: `${p.width} / ${p.height}` }} />
              </li>
            ))}
          </ul>
        </>
      )}
      {c.text && (
        <>
          <h3>{t('case.said')}</h3>
          <p className="admin__text">{c.text}</p>
        </>
      )}
      {now !== '' && now !== c.text && (
        <>
          <h3>{t('case.saysNow')}</h3>
          <p className="admin__text">{now}</p>
        </>
      )}
    </section>
  );
}

function Before({ list, again }: { list: readonly Decision[]; again: () => void }) {
  const t = useT();
  const toast = useToast();
  const reverse = useMutation({
    mutationFn: (id: string) => calls.reverse(id, ''),
    onSuccess: () => {
      toast.say(t('case.reversed'));
      again();
    },
    onError: toast.fail,
  });
  return (
    <section className="settings__part">
      <h3>{t('case.before')}</h3>
      {list.length === 0 && <p className="settings__lead">{t('case.beforeNone')}</p>}
      <ul className="rows">
        {list.map((d) => (
          <li key={d.id} className="rows__row">
            <div className="rows__text">
              <p className="rows__title">
                {t(`case.${d.action}`)}: {t(`reason.${d.reason}`)}
              </p>
              <p className="rows__meta">
                {d.by && t('appeals.by', { name: d.by.username })} · <Time at={d.created_time} />
                {d.state !== 'holds' && ` · ${t(`notice.${d.state}`)}`}
              </p>
              {d.words && <p className="admin__text">{d.words}</p>}
            </div>
            {d.state === 'holds' && d.appeal.state !== 'open' && (
              <Button kind="quiet" busy={reverse.isPending && reverse.variables === d.id} onClick={() => reverse.mutate(d.id)}>
                {t('case.reverse')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
