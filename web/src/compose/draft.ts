/** What is being composed, and every change to it. */
import type { Location, Upload } from '../api/types';
import { edit, editsFrom, noEdits, type Edits } from '../edit/history';
import { withLook, type Recipe } from '../edit/recipe';
import { toRequest } from '../inphoto/tags';
import type { Tagged } from '../inphoto/types';
import type { Commenters } from '../safety/types';
import type { Audience } from '../post/types';
import type { NewPost } from './send';
import type { UploadState } from './queue';

export interface Photo {
  key: string;
  name: string;
  /** Gone once the photo is uploaded and the page was loaded anew. */
  file: File | null;
  upload: UploadState;
  edits: Edits;
  alt: string;
  people: readonly Tagged[];
}

export interface Draft {
  photos: readonly Photo[];
  selected: string | null;
  caption: string;
  place: Location | null;
  /** Who may comment, where it is not as for all posts. */
  who?: Commenters;
  audience: Audience;
  /** null until it is said otherwise than in the settings. */
  hideLikes: boolean | null;
}

export const emptyDraft: Draft = { photos: [], selected: null, caption: '', place: null, audience: 'everyone', hideLikes: null };

export type Action =
  | { type: 'add'; photos: readonly { key: string; file: File }[] }
  | { type: 'remove'; key: string }
  | { type: 'move'; key: string; to: number }
  | { type: 'select'; key: string }
  | { type: 'upload'; key: string; upload: UploadState }
  | { type: 'edits'; key: string; change: (e: Edits) => Edits }
  /** The filter and adjustments of one photo for all; each keeps its own shape. */
  | { type: 'look'; key: string }
  | { type: 'alt'; key: string; alt: string }
  | { type: 'people'; key: string; people: readonly Tagged[] }
  | { type: 'caption'; caption: string }
  | { type: 'place'; place: Location | null }
  | { type: 'who'; who: Commenters }
  | { type: 'audience'; audience: Audience }
  | { type: 'hideLikes'; hide: boolean }
  | { type: 'restore'; draft: Draft };

export function reduce(d: Draft, a: Action): Draft {
  switch (a.type) {
    case 'add': {
      const added = a.photos.map<Photo>(({ key, file }) => ({
        key, file, name: file.name, upload: { state: 'waiting' }, edits: noEdits, alt: '', people: [],
      }));
      return { ...d, photos: [...d.photos, ...added], selected: d.selected ?? added[0]?.key ?? null };
    }
    case 'remove': {
      const at = d.photos.findIndex((p) => p.key === a.key);
      const photos = d.photos.filter((p) => p.key !== a.key);
      const selected = d.selected === a.key ? (photos[Math.min(at, photos.length - 1)]?.key ?? null) : d.selected;
      return { ...d, photos, selected };
    }
    case 'move': {
      const photos = [...d.photos];
      const from = photos.findIndex((p) => p.key === a.key);
      if (from < 0) return d;
      const [moved] = photos.splice(from, 1);
      photos.splice(Math.min(Math.max(a.to, 0), photos.length), 0, moved!);
      return { ...d, photos };
    }
    case 'select':
      return { ...d, selected: a.key };
    case 'upload':
      return change(d, a.key, (p) => ({ ...p, upload: a.upload }));
    case 'edits':
      return change(d, a.key, (p) => ({ ...p, edits: a.change(p.edits) }));
    case 'look': {
      const from = d.photos.find((p) => p.key === a.key)?.edits.now ?? {};
      return { ...d, photos: d.photos.map((p) => (p.key === a.key ? p : { ...p, edits: edit(p.edits, withLook(p.edits.now, from), null) })) };
    }
    case 'alt':
      return change(d, a.key, (p) => ({ ...p, alt: a.alt }));
    case 'people':
      return change(d, a.key, (p) => ({ ...p, people: a.people }));
    case 'caption':
      return { ...d, caption: a.caption };
    case 'place':
      return { ...d, place: a.place };
    case 'who':
      return { ...d, who: a.who };
    case 'audience':
      return { ...d, audience: a.audience };
    case 'hideLikes':
      return { ...d, hideLikes: a.hide };
    case 'restore':
      return a.draft;
  }
}

function change(d: Draft, key: string, f: (p: Photo) => Photo): Draft {
  return { ...d, photos: d.photos.map((p) => (p.key === key ? f(p) : p)) };
}

export function uploadOf(p: Photo): Upload | undefined {
  return p.upload.state === 'ready' ? p.upload.upload : undefined;
}

export const isEmpty = (d: Draft) => d.photos.length === 0 && d.caption === '' && d.place === null;

/** The request that publishes the draft; undefined while a photo is not uploaded. */
export function toPost(d: Draft): NewPost | undefined {
  const uploads = d.photos.map((p) => uploadOf(p)?.id);
  if (uploads.length === 0 || !uploads.every((id) => id !== undefined)) return undefined;
  return {
    uploads,
    caption: d.caption.trim(),
    alt_texts: d.photos.map((p) => p.alt.trim()),
    edits: d.photos.map((p) => p.edits.now),
    location: d.place && tidy(d.place),
    users_in_photo: toRequest(d.photos.map((p) => p.people)),
    ...(d.who && d.who !== 'default' ? { commenters: d.who } : {}),
    audience: d.audience,
    ...(d.hideLikes === null ? {} : { hide_likes: d.hideLikes }),
  };
}

function tidy(place: Location): Location | null {
  const name = place.name?.trim();
  const p: Location = { ...place };
  if (name) p.name = name;
  else delete p.name;
  return Object.keys(p).length ? p : null;
}

/** How much of all photos is uploaded: bytes are not known of those restored, so every photo counts the same. */
export function uploaded(d: Draft): { done: number; failed: number; fraction: number } {
  let done = 0;
  let failed = 0;
  let sum = 0;
  for (const { upload } of d.photos) {
    if (upload.state === 'ready') done++;
    if (upload.state === 'failed') failed++;
    sum += upload.state === 'ready' ? 1 : upload.state === 'sending' ? upload.sent * 0.95 : 0;
  }
  return { done, failed, fraction: d.photos.length ? sum / d.photos.length : 0 };
}

/** What is kept over a reload. */
export interface Stored {
  version: 1;
  photos: { key: string; name: string; file: File | null; upload: Upload | null; recipe: Recipe | null; alt: string; people?: readonly Tagged[] }[];
  caption: string;
  place: Location | null;
  who?: Commenters;
  audience?: Audience;
  hideLikes?: boolean | null;
}

export function toStored(d: Draft): Stored {
  const photos = d.photos.map((p) => {
    const upload = uploadOf(p) ?? null;
    return { key: p.key, name: p.name, file: upload ? null : p.file, upload, recipe: p.edits.now, alt: p.alt, people: p.people };
  });
  return { version: 1, photos, caption: d.caption, place: d.place, audience: d.audience, hideLikes: d.hideLikes, ...(d.who ? { who: d.who } : {}) };
}

/** Photos that were neither uploaded nor kept are left out. */
export function fromStored(s: Stored): Draft {
  const photos = s.photos
    .filter((p) => p.upload ?? p.file)
    .map<Photo>((p) => ({
      key: p.key,
      name: p.name,
      file: p.file,
      upload: p.upload ? { state: 'ready', upload: p.upload } : { state: 'waiting' },
      edits: editsFrom(p.recipe),
      alt: p.alt,
      people: p.people ?? [],
    }));
  return { photos, selected: photos[0]?.key ?? null, caption: s.caption, place: s.place, audience: s.audience ?? 'everyone', hideLikes: s.hideLikes ?? null, ...(s.who ? { who: s.who } : {}) };
}
