import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { patchMedia } from '../api/cache';
import * as api from '../api/endpoints';
import type { MediaPatch } from '../api/endpoints';
import type { Location, Media, MediaItem } from '../api/types';
import { useT } from '../i18n';
import { useSite } from '../session';
import { IconButton } from '../ui/Button';
import { Dialog, FormActions } from '../ui/Dialog';
import { Field, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';

/** What was changed, in the words of PATCH; undefined where all is as it was. `order` holds old positions in the new order. */
export function changes(media: Media, caption: string, place: string, alts: readonly string[], order: readonly number[]): MediaPatch | undefined {
  const items: readonly MediaItem[] = media.carousel_media ?? [media];
  const patch: MediaPatch = {};
  if (caption !== (media.caption?.text ?? '')) patch.caption = caption;
  if (place.trim() !== (media.location?.name ?? '')) patch.location = withName(media.location, place.trim());
  if (order.some((old, at) => old !== at)) patch.order = [...order];
  // Alt texts are told in the new order.
  if (order.some((old) => items[old]?.alt_text !== alts[old])) patch.alt_texts = order.map((old) => alts[old] ?? '');
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** A point that was there stays, under the new name. */
function withName(now: Location | null, name: string): Location | null {
  const point = now?.latitude !== undefined && now.longitude !== undefined ? { latitude: now.latitude, longitude: now.longitude } : {};
  return name === '' ? null : { name, ...point };
}

/** Caption, place, alt texts and order of a post, after posting. */
export default function EditPost({ media, onClose }: { media: Media; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const limits = useSite()?.limits;
  const items: readonly MediaItem[] = media.carousel_media ?? [media];
  const [caption, setCaption] = useState(media.caption?.text ?? '');
  const [place, setPlace] = useState(media.location?.name ?? '');
  const [alts, setAlts] = useState(items.map((m) => m.alt_text));
  const [order, setOrder] = useState(items.map((_, i) => i));

  const save = useMutation({
    mutationFn: (patch: MediaPatch) => api.media.update(media.id, patch),
    onSuccess: (fresh) => {
      patchMedia(client, media.id, (m) => ({ ...m, ...fresh }));
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const patch = changes(media, caption, place, alts, order);
    if (patch) save.mutate(patch);
    else onClose();
  };
  const move = (at: number, by: number) =>
    setOrder((o) => {
      const next = [...o];
      const [taken] = next.splice(at, 1);
      if (taken !== undefined) next.splice(at + by, 0, taken);
      return next;
    });

  return (
    <Dialog title={t('edit.title')} onClose={onClose}>
      <form className="form edit-post" onSubmit={submit}>
        <TextArea label={t('edit.caption')} value={caption} rows={4} limit={limits?.caption} error={fieldError(t, save.error, 'caption')} onChange={(e) => setCaption(e.target.value)} />
        <Field label={t('edit.place')} value={place} autoComplete="off" error={fieldError(t, save.error, 'location')} onChange={(e) => setPlace(e.target.value)} />
        <ol className="edit-post__media" aria-label={t('edit.pictures')}>
          {order.map((old, at) => (
            <li key={old}>
              <div className="edit-post__thumb">
                <img src={items[old]?.images.thumbnail.url} alt="" width={72} height={72} />
                {items.length > 1 && (
                  <span>
                    <IconButton icon="up" size={20} label={t('edit.earlier', { n: at + 1 })} disabled={at === 0} onClick={() => move(at, -1)} />
                    <IconButton icon="down" size={20} label={t('edit.later', { n: at + 1 })} disabled={at === order.length - 1} onClick={() => move(at, 1)} />
                  </span>
                )}
              </div>
              <TextArea label={items.length > 1 ? t('edit.altOf', { n: at + 1 }) : t('edit.alt')} value={alts[old] ?? ''} limit={limits?.alt_text}
                hint={at === 0 ? t('edit.altHint') : undefined} onChange={(e) => setAlts((a) => a.map((x, i) => (i === old ? e.target.value : x)))} />
            </li>
          ))}
        </ol>
        <FormError error={save.error} fields={['caption', 'location']} />
        <FormActions action={t('action.save')} busy={save.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
