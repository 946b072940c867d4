import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { patchMedia } from '../api/cache';
import * as api from '../api/endpoints';
import type { MediaPatch } from '../api/endpoints';
import { WhoMayComment } from '../safety/WhoMayComment';
import type { Commenters } from '../safety/types';
import type { Location, Media, MediaItem } from '../api/types';
import { useT } from '../i18n';
import { inPhoto } from '../inphoto/api';
import { byPicture, sameTags, toRequest } from '../inphoto/tags';
import { Plate } from '../inphoto/Plate';
import TagPhoto from '../inphoto/TagPhoto';
import type { Tagged } from '../inphoto/types';
import { useSite } from '../session';
import { IconButton } from '../ui/Button';
import { Dialog, FormActions } from '../ui/Dialog';
import { Field, TextArea } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { aspectOf, largest } from './picture';
import { AudienceChoice } from './AudienceChoice';
import type { Audience } from './types';
import './messages';

/** What was changed, in the words of PATCH; undefined where all is as it was. `order` holds old positions in the new order. */
export function changes(media: Media, caption: string, place: string, alts: readonly string[], order: readonly number[], point: Point = unchanged, who: Commenters = media.commenters ?? 'default'): MediaPatch | undefined {
  const items: readonly MediaItem[] = media.carousel_media ?? [media];
  const patch: MediaPatch = {};
  if (caption !== (media.caption?.text ?? '')) patch.caption = caption;
  const now = media.location;
  if (place.trim() !== (now?.name ?? '') || point.keep !== 'as-is' || point.onMap !== (now?.on_map ?? true)) patch.location = located(now, place.trim(), point);
  if (order.some((old, at) => old !== at)) patch.order = [...order];
  if (who !== (media.commenters ?? 'default')) patch.commenters = who;
  // Alt texts are told in the new order.
  if (order.some((old) => items[old]?.alt_text !== alts[old])) patch.alt_texts = order.map((old) => alts[old] ?? '');
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** What becomes of a post's point. */
export interface Point {
  keep: 'as-is' | 'coarse' | 'none';
  onMap: boolean;
}

const unchanged: Point = { keep: 'as-is', onMap: true };

/** A place whose name was not changed stays that place; a point that was there stays, unless it is to go. */
function located(now: Location | null, name: string, point: Point): Location | null {
  const out: Location = {};
  if (name !== '') out.name = name;
  if (now?.id !== undefined && name !== '' && name === now.name) out.id = now.id;
  if (now?.latitude !== undefined && now.longitude !== undefined && point.keep !== 'none') {
    out.latitude = now.latitude;
    out.longitude = now.longitude;
    if (point.keep === 'coarse') out.approximate = true;
    if (!point.onMap) out.on_map = false;
  }
  return Object.keys(out).length === 0 ? null : out;
}

/** What was changed of for whom it is. */
export function standing(media: Media, audience: Audience, hideLikes: boolean): MediaPatch {
  const patch: MediaPatch = {};
  if (audience !== (media.audience ?? 'everyone')) patch.audience = audience;
  if (hideLikes !== (media.likes.hidden ?? false)) patch.hide_likes = hideLikes;
  return patch;
}

/** Caption, place, alt texts and order of a post, after posting. */
export default function EditPost({ media, onClose }: { media: Media; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const limits = useSite()?.limits;
  const items: readonly MediaItem[] = media.carousel_media ?? [media];
  const [caption, setCaption] = useState(media.caption?.text ?? '');
  const [place, setPlace] = useState(media.location?.name ?? '');
  const [point, setPoint] = useState<Point>({ keep: 'as-is', onMap: media.location?.on_map ?? true });
  const [alts, setAlts] = useState(items.map((m) => m.alt_text));
  const [who, setWho] = useState<Commenters>(media.commenters ?? 'default');
  const [order, setOrder] = useState(items.map((_, i) => i));
  const tags = useTags(media.id, items.length);
  const [audience, setAudience] = useState<Audience>(media.audience ?? 'everyone');
  const [hideLikes, setHideLikes] = useState(media.likes.hidden ?? false);

  const save = useMutation({
    mutationFn: (patch: MediaPatch) => api.media.update(media.id, patch),
    onSuccess: (fresh) => {
      // What is absent in the answer is so no longer.
      patchMedia(client, media.id, ({ audience: _, commenters: __, ...m }) => ({ ...m, ...fresh }));
      void client.invalidateQueries({ queryKey: ['user'] });
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const patch = { ...tags.into(changes(media, caption, place, alts, order, point, who)), ...standing(media, audience, hideLikes) };
    if (Object.keys(patch).length > 0) save.mutate(patch);
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
        {media.location?.latitude !== undefined && <PointChoice at={media.location} point={point} onChange={setPoint} />}
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
              {tags.people && (
                <TagPhoto n={items.length > 1 ? at + 1 : 0} people={tags.people[old] ?? []} onChange={(people) => tags.set(old, people)}
                  picture={(layer) => (
                    <Plate src={largest(items[old] ?? media)} aspect={aspectOf(items[old] ?? media)} alt={alts[old] ?? ''}>
                      {layer}
                    </Plate>
                  )} />
              )}
            </li>
          ))}
        </ol>
        <WhoMayComment value={who} ofPost onChange={setWho} />
        <AudienceChoice audience={audience} hideLikes={hideLikes} onAudience={setAudience} onHideLikes={setHideLikes} stay />
        <FormError error={save.error} fields={['caption', 'location']} />
        <FormActions action={t('action.save')} busy={save.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** Who is tagged in a post's pictures: as it is, and as it is to be. */
function useTags(media: string, count: number) {
  const query = useQuery({ queryKey: ['people', 'in', media], queryFn: () => inPhoto.people(media), staleTime: 0 });
  const [edited, setEdited] = useState<readonly Tagged[][] | null>(null);
  const was = query.data && byPicture(query.data, count);
  const people = edited ?? was;
  return {
    people,
    set: (picture: number, list: Tagged[]) => people && setEdited(people.map((p, i) => (i === picture ? list : p))),
    /** A patch with what was changed of it. */
    into: (patch: MediaPatch | undefined): MediaPatch | undefined => {
      if (!edited || !was || sameTags(toRequest(edited), toRequest(was))) return patch;
      return { ...patch, users_in_photo: toRequest(edited) };
    },
  };
}

/** Whether the position stays, exact or not, and whether it is on the photo map. */
function PointChoice({ at, point, onChange }: { at: Location; point: Point; onChange: (p: Point) => void }) {
  const t = useT();
  const choices = [
    ['as-is', t('edit.pointKeep', { at: `${at.latitude?.toFixed(4)}, ${at.longitude?.toFixed(4)}` })],
    ['coarse', t('edit.pointCoarse')],
    ['none', t('edit.pointNone')],
  ] as const;
  return (
    <fieldset className="edit-post__point">
      <legend>{t('edit.point')}</legend>
      {choices.map(([keep, label]) => (
        <label key={keep}>
          <input type="radio" name="point" checked={point.keep === keep} onChange={() => onChange({ ...point, keep })} />
          {label}
        </label>
      ))}
      <label>
        <input type="checkbox" checked={point.onMap && point.keep !== 'none'} disabled={point.keep === 'none'} onChange={(e) => onChange({ ...point, onMap: e.currentTarget.checked })} />
        {t('edit.onMap')}
      </label>
      <p className="field__hint">{t('edit.pointHint')}</p>
    </fieldset>
  );
}
