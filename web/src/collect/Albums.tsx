import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import AlbumEditor from './AlbumEditor';
import { albums, keys } from './api';
import { Face } from './Face';
import './collect.css';
import './messages';

/** Somebody's albums, on their profile. */
export default function Albums({ user, mine }: { user: User; mine: boolean }) {
  const t = useT();
  const [making, setMaking] = useState(false);
  const query = useQuery({ queryKey: keys.albums(user.id), queryFn: () => albums.of(user.id) });
  const list = query.data?.items ?? [];
  const make = mine && <Button onClick={() => setMaking(true)}>{t('album.new')}</Button>;
  return (
    <section className="albums" aria-label={t('profile.albums')}>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && list.length === 0 && (
        <EmptyState icon="album" title={t('album.empty')}>
          {mine && <p className="state__text">{t('album.emptyMine')}</p>}
          {make}
        </EmptyState>
      )}
      {list.length > 0 && make && <p className="albums__new">{make}</p>}
      <ul className="sets">
        {list.map((a) => (
          <li key={a.id}>
            <Link href={`/${user.username}/albums/${a.id}`} className="sets__one">
              <Face posts={a.faces} />
              <span className="sets__name">{a.title}</span>
              <span className="sets__note">
                {a.is_private && (
                  <>
                    <Icon name="lock" size={14} /> {t('album.onlyMe')}
                    {' · '}
                  </>
                )}
                {a.media_count !== undefined && t('album.count', { count: a.media_count })}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {making && <AlbumEditor user={user} onClose={() => setMaking(false)} />}
    </section>
  );
}
