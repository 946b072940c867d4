import type { QueryKey } from '@tanstack/react-query';
import type { Cursor, ListPage } from '../api/client';
import type { UserShort } from '../api/types';
import { PersonRow } from '../graph/PersonRow';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Listing, useListing } from '../ui/Listing';
import { EmptyState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { keys, muted, restricted, type StanceAction } from './api';
import { useStance } from './useStance';
import './messages';

interface Kind {
  key: QueryKey;
  load: (after: Cursor | null) => Promise<ListPage<UserShort>>;
  begin: StanceAction;
  end: StanceAction;
  words: 'muted' | 'restricted';
}

/** Settings: whom one muted. */
export function MutedSettings() {
  return <People kind={{ key: keys.muted, load: muted, begin: 'mute', end: 'unmute', words: 'muted' }} />;
}

/** Settings: whom one restricted. */
export function RestrictedSettings() {
  return <People kind={{ key: keys.restricted, load: restricted, begin: 'restrict', end: 'unrestrict', words: 'restricted' }} />;
}

function People({ kind }: { kind: Kind }) {
  const t = useT();
  return (
    <Listing
      query={useListing(kind.key, kind.load)}
      empty={
        <EmptyState icon="person" title={t(`${kind.words}.none`)}>
          <p className="state__text">{t(`${kind.words}.noneText`)}</p>
        </EmptyState>
      }
    >
      {(people) => (
        <>
          <p className="settings__lead">{t(`${kind.words}.lead`)}</p>
          <ul className="people">
            {people.map((u) => (
              <Row key={u.id} user={u} kind={kind} />
            ))}
          </ul>
        </>
      )}
    </Listing>
  );
}

function Row({ user, kind }: { user: UserShort; kind: Kind }) {
  const t = useT();
  const toast = useToast();
  const stance = useStance(user);
  const { mutate } = stance;
  const name = user.username;
  const end = () =>
    mutate(
      { action: kind.end },
      // Whether activity was muted as well is not known any more: what is undone is what this page shows.
      { onSuccess: () => toast.say(t(`${kind.words}.ended`, { name }), { label: t('action.undo'), run: () => mutate({ action: kind.begin }) }) },
    );
  return (
    <PersonRow
      user={user}
      action={
        <Button kind="quiet" busy={stance.isPending} aria-label={t(`${kind.words}.endName`, { name })} onClick={end}>
          {t(`${kind.words}.end`)}
        </Button>
      }
    />
  );
}
