import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { samePost } from '../api/cache';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { MenuItem as Item } from '../ui/MenuItem';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { Button, IconButton } from '../ui/Button';
import { ConfirmDialog, Dialog, FormActions } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { collections, keys } from './api';
import { KeptPosts } from './KeptPosts';
import type { Collection } from './types';
import './messages';

/** One collection: what is in it, and what can be done with it. */
export function CollectionPage({ id }: { id: string }) {
  const t = useT();
  const query = useQuery({ queryKey: keys.collections, queryFn: collections.list });
  const collection = query.data?.items.find((c) => c.id === id);
  const [arranging, setArranging] = useState(false);
  useTitle(collection?.name);
  if (query.isPending) return <Spinner />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!collection) return <NotFound />;
  return (
    <>
      <PageHead title={collection.name} back>
        {arranging ? <Button onClick={() => setArranging(false)}>{t('collection.done')}</Button> : <Options collection={collection} onArrange={() => setArranging(true)} />}
      </PageHead>
      <div className="kept">
        <p className="kept__lead">{t('saved.lead')}</p>
        <KeptPosts
          label={collection.name}
          queryKey={keys.collection(id)}
          load={(after) => collections.media(id, after)}
          forget={(media) => collections.take(id, media)}
          render={arranging ? (posts) => <Arrange collection={collection} posts={posts} /> : undefined}
          empty={
            <EmptyState icon="album" title={t('collection.empty')}>
              <p className="state__text">{t('collection.emptyText')}</p>
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

function Options({ collection, onArrange }: { collection: Collection; onArrange: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<'menu' | 'rename' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const remove = useMutation({
    mutationFn: () => collections.remove(collection.id),
    onSuccess: () => {
      navigate('/saved', { replace: true });
      void client.invalidateQueries({ queryKey: keys.collections });
      toast.say(t('collection.deleted'));
    },
    onError: toast.fail,
  });
  return (
    <>
      <IconButton icon="more" label={t('collection.options')} aria-haspopup="dialog" onClick={() => setOpen('menu')} />
      {open === 'menu' && (
        <Dialog title={t('collection.options')} onClose={close} sheet bare>
          <ul className="menu">
            <Item icon="edit" label={t('collection.rename')} onClick={() => setOpen('rename')} />
            <Item
              icon="album"
              label={t('collection.arrange')}
              onClick={() => {
                close();
                onArrange();
              }}
            />
            <Item icon="trash" danger label={t('collection.delete')} onClick={() => setOpen('delete')} />
            <Item icon="close" label={t('action.cancel')} onClick={close} />
          </ul>
        </Dialog>
      )}
      {open === 'rename' && <Rename collection={collection} onClose={close} />}
      {open === 'delete' && (
        <ConfirmDialog title={t('collection.delete')} text={t('collection.deleteText')} action={t('action.delete')} busy={remove.isPending} onClose={close} onConfirm={() => remove.mutate()} />
      )}
    </>
  );
}

function Rename({ collection, onClose }: { collection: Collection; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState(collection.name);
  const save = useMutation({
    mutationFn: () => collections.change(collection.id, { name }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.collections });
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={t('collection.rename')} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <Field label={t('collection.name')} value={name} maxLength={60} autoComplete="off" error={fieldError(t, save.error, 'name')} onChange={(e) => setName(e.target.value)} />
        <FormError error={save.error} fields={['name']} />
        <FormActions action={t('action.save')} busy={save.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** The posts, each to be taken out or made the cover. */
function Arrange({ collection, posts }: { collection: Collection; posts: readonly Media[] }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const fresh = () => Promise.all([client.invalidateQueries({ queryKey: keys.collections }), client.invalidateQueries({ queryKey: keys.collection(collection.id) })]);
  const cover = useMutation({ mutationFn: (id: string) => collections.change(collection.id, { cover_id: id }), onError: toast.fail, onSettled: fresh });
  const back = useMutation({ mutationFn: (id: string) => collections.put(collection.id, id), onError: toast.fail, onSettled: fresh });
  const take = useMutation({
    mutationFn: (id: string) => collections.take(collection.id, id),
    onSuccess: (_, id) => toast.say(t('collection.taken', { name: collection.name }), { label: t('action.undo'), run: () => back.mutate(id) }),
    onError: toast.fail,
    onSettled: fresh,
  });
  return (
    <ul className="grid">
      {posts.map((m) => {
        const alt = m.alt_text || m.caption?.text.slice(0, 60) || t('photo.noAlt');
        const isCover = collection.cover_id !== null && samePost(collection.cover_id, m.id);
        return (
          <li key={m.id} className="grid__tile arrange">
            <img src={m.images.low_resolution.url} alt={alt} width={320} height={320} loading="lazy" decoding="async" />
            <span className="arrange__tools">
              <IconButton icon="check" size={20} className={isCover ? 'arrange__cover' : ''} label={t(isCover ? 'collection.isCover' : 'collection.cover', { alt })} aria-pressed={isCover}
                onClick={() => cover.mutate(isCover ? '' : m.id)} />
              <IconButton icon="close" size={20} label={t('collection.take', { alt })} onClick={() => take.mutate(m.id)} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
