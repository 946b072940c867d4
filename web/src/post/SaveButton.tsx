import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { signInPath, useSelf } from '../session';
import { IconButton } from '../ui/Button';
import { useSave } from './useSave';

const PickCollections = lazy(() => import('../collect/PickCollections'));

/** The bookmark: keeps a post for oneself. */
export function SaveButton({ media }: { media: Media }) {
  const t = useT();
  const self = useSelf();
  const [, navigate] = useLocation();
  const [sorting, setSorting] = useState(false);
  const save = useSave(media, () => setSorting(true));
  const saved = media.user_has_saved ?? false;
  return (
    <>
      <IconButton className="like-bar__save" icon="bookmark" filled={saved} label={t(saved ? 'post.unsave' : 'post.save')} aria-pressed={saved}
        onClick={() => (self ? save(!saved) : navigate(signInPath()))} />
      {sorting && (
        <Suspense>
          <PickCollections media={media} onClose={() => setSorting(false)} />
        </Suspense>
      )}
    </>
  );
}
