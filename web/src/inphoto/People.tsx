import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type CSSProperties } from 'react';
import { Link } from 'wouter';
import type { MediaItem } from '../api/types';
import { useT } from '../i18n';
import { aspectOf } from '../post/picture';
import { useSelf } from '../session';
import { Icon } from '../ui/Icon';
import { useToast } from '../ui/Toasts';
import { inPhoto } from './api';
import { placed } from './position';
import './inphoto.css';
import './messages';

/** Who is in a picture: a button in its corner, or a tap on the picture, shows the names where they are. */
export default function People({ media, post }: { media: MediaItem; post: string }) {
  const t = useT();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const self = useSelf();
  const people = media.users_in_photo ?? [];
  const mine = people.some((p) => p.user.id === self?.id);

  useEffect(() => {
    const picture = box.current?.closest('.picture');
    // A double tap is two of these, and leaves things as they were.
    const toggle = (e: Event) => {
      if (e.target instanceof Element && !e.target.closest('a, button')) setOpen((o) => !o);
    };
    picture?.addEventListener('click', toggle);
    return () => picture?.removeEventListener('click', toggle);
  }, []);

  return (
    <div className="in-photo" ref={box}>
      <div className="in-photo__frame" style={{ '--aspect': aspectOf(media) } as CSSProperties}>
        <ul id={id} className="in-photo__people" aria-label={t('inphoto.list')} hidden={!open}>
          {people.map(({ user, position }) => (
            <li key={user.id} style={placed(position)}>
              <Link href={`/${user.username}`} className="in-photo__name">
                {user.username}
              </Link>
            </li>
          ))}
        </ul>
      </div>
      <div className="in-photo__foot">
        <button type="button" className="in-photo__button" aria-expanded={open} aria-controls={id} aria-label={t('inphoto.show', { count: people.length })} onClick={() => setOpen(!open)}>
          <Icon name="person" size={16} filled />
        </button>
        {open && mine && <Leave post={post} />}
      </div>
    </div>
  );
}

/** Takes oneself out of the post's pictures; a word offers to undo it. */
function Leave({ post }: { post: string }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const again = () => void client.invalidateQueries({ queryKey: ['media'] });
  const back = useMutation({ mutationFn: () => inPhoto.accept(post), onSuccess: again, onError: toast.fail });
  const leave = useMutation({
    mutationFn: () => inPhoto.leave(post),
    onSuccess: () => {
      again();
      toast.say(t('inphoto.left'), { label: t('action.undo'), run: () => back.mutate() });
    },
    onError: toast.fail,
  });
  return (
    <button type="button" className="in-photo__leave" disabled={leave.isPending} onClick={() => leave.mutate()}>
      {t('inphoto.leave')}
    </button>
  );
}
