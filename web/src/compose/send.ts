/** The requests of the composer. Uploads go by XMLHttpRequest: fetch cannot tell how much has been sent. */
import { ApiError, errorFrom, request, type Envelope } from '../api/client';
import type { Location, Media, Upload, UserShort } from '../api/types';
import { list } from '../api/client';
import type { Audience } from '../post/types';
import type { Tag } from '../tags/types';
import type { TagIn } from '../inphoto/types';
import type { Commenters } from '../safety/types';
import type { Recipe } from '../edit/recipe';
import type { Send } from './queue';

/** No byte moved for so long: the connection is dead, whatever it says. */
const stall = 60_000;

export const sendUpload: Send = (file, { idempotencyKey, signal, onProgress }) =>
  new Promise<Upload>((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let timer = 0;
    const lost = () => reject(new ApiError({ status: 0, type: 'NetworkError', message: 'The site cannot be reached' }));
    const alive = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => xhr.abort(), stall);
    };
    const cancel = () => xhr.abort();
    signal.addEventListener('abort', cancel);

    xhr.open('POST', '/v1/uploads');
    xhr.setRequestHeader('Accept', 'application/json');
    xhr.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    xhr.setRequestHeader('Idempotency-Key', idempotencyKey);
    xhr.upload.onprogress = (e) => {
      alive();
      if (e.lengthComputable && e.total > 0) onProgress(e.loaded / e.total);
    };
    xhr.upload.onload = () => {
      alive();
      onProgress(1);
    };
    xhr.onload = () => {
      const envelope = parse(xhr.responseText);
      if (xhr.status >= 200 && xhr.status < 300 && envelope?.data) return resolve(envelope.data);
      const error = errorFrom({ status: xhr.status, headers: { get: (name) => xhr.getResponseHeader(name) } }, envelope?.meta);
      reject(error);
    };
    xhr.onerror = lost;
    xhr.onabort = lost;
    xhr.onloadend = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    };
    if (signal.aborted) return lost();
    alive();
    xhr.send(file);
  });

function parse(text: string): Partial<Envelope<Upload>> | undefined {
  try {
    return JSON.parse(text) as Partial<Envelope<Upload>>;
  } catch {
    return undefined; // a proxy's HTML page
  }
}

export interface NewPost {
  uploads: string[];
  caption: string;
  alt_texts: string[];
  edits: (Recipe | null)[];
  location: Location | null;
  users_in_photo: TagIn[];
  commenters?: Commenters;
  audience: Audience;
  hide_likes?: boolean;
}

export const publish = (post: NewPost, idempotencyKey: string) => request<Media>('POST', '/v1/media', { json: post, idempotencyKey });
export const dropUpload = (id: string) => request<null>('DELETE', `/v1/uploads/${encodeURIComponent(id)}`);
export const getUpload = (id: string) => request<Upload>('GET', `/v1/uploads/${encodeURIComponent(id)}`);

export async function findUsers(q: string, signal: AbortSignal): Promise<UserShort[]> {
  return (await list<UserShort>('/v1/users/search', null, { query: { q, count: 6 }, signal })).items;
}

export async function findTags(q: string, signal: AbortSignal): Promise<Tag[]> {
  return (await list<Tag>('/v1/tags/search', null, { query: { q, count: 6 }, signal })).items;
}
