import { request } from '../../api/client';

/** Why something was left out or is not as it was: a code, the same in English, how many or which one, and what more there is to say. */
export interface Reason {
  code: string;
  message: string;
  number?: number;
  text?: string;
}

/** An archive of all that one owns. Times are in epoch seconds. */
export interface Export {
  id: string;
  state: 'running' | 'done' | 'failed';
  done: number;
  total: number;
  bytes?: number;
  created_time: string;
  expires_time: string;
  reason?: string;
  reasons?: Reason[];
  url?: string;
}

export type ImportState = 'receiving' | 'reading' | 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'undoing' | 'undone';
export type Section = 'posts' | 'archived' | 'stories' | 'other' | 'albums' | 'collections' | 'people';
export type ItemState = 'waiting' | 'done' | 'skipped' | 'failed';
export type Places = 'exact' | 'approximate' | 'none';

/** An archive from elsewhere on its way to becoming posts. */
export interface Import {
  id: string;
  state: ImportState;
  name: string;
  format?: 'instagram' | 'tintype' | 'mastodon' | 'pixelfed';
  bytes: number;
  part_bytes: number;
  parts: number;
  all_parts: number;
  found: { section: Section; items: number; left_out: number; first_time?: string; last_time?: string }[];
  total: number;
  done: number;
  skipped: number;
  failed: number;
  created_time: string;
  expires_time: string;
  reason?: string;
  reasons?: Reason[];
}

export interface ImportItem {
  n: number;
  state: ItemState;
  title: string;
  taken_time?: string;
  shortcode?: string;
  reason?: string;
  reasons?: Reason[];
}

export type Deed = { action: 'start'; sections: Section[]; places: Places } | { action: 'pause' | 'resume' | 'retry' | 'undo' };

const exportsPath = '/v1/users/self/exports';
const importsPath = '/v1/users/self/imports';

export const exportsApi = {
  list: () => request<Export[]>('GET', exportsPath),
  begin: () => request<Export>('POST', exportsPath, { json: {} }),
  remove: (id: string) => request<null>('DELETE', `${exportsPath}/${id}`),
};

export const importsApi = {
  list: () => request<Import[]>('GET', importsPath),
  begin: (name: string, bytes: number) => request<Import>('POST', importsPath, { json: { name, bytes } }),
  part: (id: string, n: number, body: Blob, signal: AbortSignal) =>
    request<Import>('PUT', `${importsPath}/${id}/parts/${n}`, { body, signal, headers: { 'Content-Type': 'application/octet-stream' } }),
  act: (id: string, deed: Deed) => request<Import>('POST', `${importsPath}/${id}`, { json: deed }),
  remove: (id: string) => request<null>('DELETE', `${importsPath}/${id}`),
  items: (id: string, state: ItemState | '', after: number | null) =>
    request<ImportItem[]>('GET', `${importsPath}/${id}/items`, { query: { state, after: after ?? undefined } }),
  csv: (id: string) => `${importsPath}/${id}/items.csv`,
};

/** Sends a file in parts, in order, from where it came to; told of each. */
export async function sendFile(i: Import, file: File, signal: AbortSignal, told: (i: Import) => void): Promise<Import> {
  let now = i;
  while (now.state === 'receiving' && now.parts < now.all_parts) {
    const from = now.parts * now.part_bytes;
    now = await importsApi.part(now.id, now.parts, file.slice(from, from + now.part_bytes), signal);
    told(now);
  }
  return now;
}

export const account = {
  remove: (password: string, code: string) => request<{ due_time: string }>('POST', '/v1/users/self/deletion', { json: code === '' ? { password } : { password, code } }),
};
