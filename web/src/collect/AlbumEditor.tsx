import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { flat, keys as first, samePost } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media, User } from '../api/types';
import { useT } from '../i18n';
import { usePostPages } from '../post/PostPages';
import { Dialog, FormActions } from '../ui/Dialog';
import { Field, Switch, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { albums, keys } from './api';
import { ChosenPosts } from './ChosenPosts';
import type { Album } from './types';
import './collect.css';
import './messages';

interface Props {
  user: User;
  /** None: a new one. */
  album?: Album;
  onClose: () => void;
}

/** Makes an album, or changes one: its words, its posts and their order. */
export default function AlbumEditor({ user, album, onClose }: Props) {
  const t = useT();
  const now = useQuery({ queryKey: ['album-posts', album?.id], queryFn: () => (album ? albums.all(album.id) : []), gcTime: 0, staleTime: Infinity });
  return (
    <Dialog title={t(album ? 'album.edit' : 'album.new')} onClose={onClose}>
      {now.isPending && <Spinner />}
      {now.isError && <ErrorState error={now.error} onRetry={() => void now.refetch()} />}
      {now.data && <Form user={user} album={album} before={now.data} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ user, album, before, onClose }: { user: User; album: Album | undefined; before: readonly Media[]; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [title, setTitle] = useState(album?.title ?? '');
  const [description, setDescription] = useState(album?.description ?? '');
  const [secret, setSecret] = useState(album?.is_private ?? false);
  const [posts, setPosts] = useState(before);
  const [selected, setSelected] = useState<string | null>(before[0]?.id ?? null);
  const [cover, setCover] = useState(before.find((p) => album?.cover_id !== undefined && samePost(p.id, album.cover_id))?.id ?? '');
  const save = useMutation({
    mutationFn: () => {
      const input = { title, description, is_private: secret, media: posts.map((p) => p.id), cover_id: posts.some((p) => p.id === cover) ? cover : '' };
      return album ? albums.change(album.id, input) : albums.add(input);
    },
    onSuccess: (fresh) => {
      client.setQueryData(keys.album(fresh.id), fresh);
      void client.invalidateQueries({ queryKey: keys.albums(user.id) });
      void client.invalidateQueries({ queryKey: keys.albumMedia(fresh.id) });
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  const toggle = (m: Media) => {
    if (posts.some((p) => p.id === m.id)) setPosts(posts.filter((p) => p.id !== m.id));
    else {
      setPosts([...posts, m]);
      setSelected(m.id);
    }
  };
  return (
    <form className="form album-editor" onSubmit={submit}>
      <Field label={t('album.title')} value={title} maxLength={60} autoComplete="off" error={fieldError(t, save.error, 'title')} onChange={(e) => setTitle(e.target.value)} />
      <TextArea label={t('album.description')} value={description} rows={2} limit={1000} error={fieldError(t, save.error, 'description')} onChange={(e) => setDescription(e.target.value)} />
      <Switch label={t('album.private')} hint={t('album.privateHint')} checked={secret} onChange={setSecret} />
      <h3>{t('album.chosen')}</h3>
      <ChosenPosts posts={posts} selected={selected} cover={cover} onSelect={setSelected} onOrder={setPosts} onCover={setCover} />
      <h3>{t('album.pick')}</h3>
      <OwnPosts user={user} chosen={posts} onToggle={toggle} />
      <FormError error={save.error} fields={['title', 'description']} />
      <FormActions action={t('action.save')} busy={save.isPending} disabled={title.trim() === ''} onClose={onClose} />
    </form>
  );
}

/** One's own posts, to be chosen. */
function OwnPosts({ user, chosen, onToggle }: { user: User; chosen: readonly Media[]; onToggle: (m: Media) => void }) {
  const t = useT();
  const query = usePostPages({ queryKey: first.userMedia(user.id), load: (after) => api.users.media(user.id, after) });
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <ul className="own-posts">
        {flat(query.data).map((m) => (
          <li key={m.id}>
            <button type="button" aria-pressed={chosen.some((p) => p.id === m.id)} aria-label={m.alt_text || m.caption?.text.slice(0, 60) || t('photo.noAlt')} onClick={() => onToggle(m)}>
              <img src={m.images.thumbnail.url} alt="" width={96} height={96} loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
      <InfiniteEnd query={query} />
    </>
  );
}
