import type { ReactNode } from 'react';
import type { Cursor, ListPage } from '../api/client';
import type { UserShort } from '../api/types';
import { Dialog } from '../ui/Dialog';
import { Listing, useListing } from '../ui/Listing';
import { PersonRow } from './PersonRow';

interface Props {
  title: string;
  empty: string;
  queryKey: readonly unknown[];
  load: (after: Cursor | null) => Promise<ListPage<UserShort>>;
  action?: (user: UserShort) => ReactNode;
  onClose: () => void;
}

/** A list of people over the page: followers, followed, likers. */
export function PeopleDialog({ title, empty, queryKey, load, action, onClose }: Props) {
  const query = useListing(queryKey, load);
  return (
    <Dialog title={title} onClose={onClose} sheet>
      <div className="dialog__scroll">
        <Listing query={query} empty={<p className="dialog__text">{empty}</p>}>
          {(people) => (
            <ul className="people">
              {people.map((u) => (
                <PersonRow key={u.id} user={u} onNavigate={onClose} {...(action ? { action: action(u) } : {})} />
              ))}
            </ul>
          )}
        </Listing>
      </div>
    </Dialog>
  );
}
