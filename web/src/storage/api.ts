import { request } from '../api/client';

export type StoredKind = 'originals' | 'uploads' | 'jpeg' | 'avif' | 'webp' | 'avatars' | 'exports' | 'imports';

export interface Stored {
  kind: StoredKind;
  bytes: number;
}

/** What my own files take. */
export interface MyStorage {
  used: number;
  files: Stored[];
}

/** What the site takes, of what it may; a limit of 0 is none. */
export interface SiteStorage extends MyStorage {
  limit: number;
  level: 'ok' | 'high' | 'urgent' | 'full';
  at: string;
  databases: { name: string; bytes: number }[];
}

export const mine = () => request<MyStorage>('GET', '/v1/users/self/storage');
export const ofSite = () => request<SiteStorage>('GET', '/v1/admin/storage');
