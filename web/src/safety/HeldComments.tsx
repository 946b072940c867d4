import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { keys as cacheKeys, mapPages, type Pages } from '../api/cache';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Listing, useListing } from '../ui/Listing';
import { EmptyState } from '../ui/States';
import { Time } from '../ui/Time';
import { useToast } from '../ui/Toasts';
import { approve, held, keys } from './api';
import type { HeldComment } from './types';
import './messages';
import './safety.css';

/** Comments that wait to be approved or deleted: on one post, or on all of one's own. */
export function HeldComments({ media }: { media?: string }) {
  const t = useT();
  const query = useListing([...keys.held, media ?? 'all'], (after) => held(media, after));
  return (
    <Listing
      query={query}
      empty={
        <EmptyState icon="comment" title={t('held.none')}>
          <p className="state__text">{t('held.noneText')}</p>
        </EmptyState>
      }
    >
      {(list) => (
        <>
          <p className="settings__lead">{t('held.lead')}</p>
          <ul className="held" aria-label={t('held.list')}>
            {list.map((c) => (
              <Waiting key={c.id} comment={c} linked={media === undefined} />
            ))}
          </ul>
        </>
      )}
    </Listing>
  );
}

function Waiting({ comment, linked }: { comment: HeldComment; linked: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const decide = useMutation({
    mutationFn: (show: boolean) => (show ? approve(comment.media.id, comment.id) : api.media.removeComment(comment.media.id, comment.id)),
    onSuccess: (_, show) => {
      client.setQueriesData<Pages<HeldComment>>({ queryKey: keys.held }, (d) => d && mapPages(d, (c) => (c.id === comment.id ? null : c)));
      void client.invalidateQueries({ queryKey: cacheKeys.comments(comment.media.id) });
      if (show) void client.invalidateQueries({ queryKey: ['media'] });
      toast.say(t(show ? 'held.approved' : 'held.deleted'));
    },
    onError: toast.fail,
  });
  const name = comment.from.username;
  return (
    <li className="held__row">
      <AvatarLink user={comment.from} size={30} />
      <div className="held__body">
        <p className="held__text">
          <UserLink user={comment.from} /> {comment.text}
        </p>
        <p className="held__meta">
          <Time at={comment.created_time} /> · {t(`held.${comment.why}`)}
        </p>
        <div className="held__actions">
          <Button kind="quiet" busy={decide.isPending && decide.variables} disabled={decide.isPending} aria-label={t('held.approveName', { name })} onClick={() => decide.mutate(true)}>
            {t('held.approve')}
          </Button>
          <Button kind="danger" busy={decide.isPending && !decide.variables} disabled={decide.isPending} aria-label={t('held.deleteName', { name })} onClick={() => decide.mutate(false)}>
            {t('action.delete')}
          </Button>
        </div>
      </div>
      {linked && (
        <Link href={`/p/${comment.media.shortcode}`} className="held__post">
          <img src={comment.media.thumbnail} alt={t('held.post')} width={44} height={44} />
        </Link>
      )}
    </li>
  );
}
