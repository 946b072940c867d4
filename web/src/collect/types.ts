import type { Media, Rendition } from '../api/types';

/** Whether one saved a post, and in which collections it is. */
export interface SavedState {
  saved: boolean;
  collections: string[];
}

export interface Collection {
  id: string;
  name: string;
  media_count: number;
  cover_id: string | null;
  /** The cover and the latest, at most four. */
  faces: Media[];
}

export interface Album {
  id: string;
  user_id: string;
  title: string;
  description: string;
  created_time: string;
  is_private: boolean;
  /** For its owner alone, as the cover. */
  media_count?: number;
  cover_id?: string;
  faces: Media[];
}

export interface AlbumInput {
  title?: string;
  description?: string;
  is_private?: boolean;
  /** A media ID; empty for the first. */
  cover_id?: string;
  /** All posts, in order. */
  media?: string[];
}

export interface SecretLink {
  id: string;
  url: string;
  kind: 'post' | 'album';
  media_id: string | null;
  album_id: string | null;
  title: string;
  picture?: string;
  gone?: boolean;
  created_time: string;
  expires_time: string | null;
  expired: boolean;
  openings: number;
  opened_time: string | null;
}

/** When a link expires: a number of seconds from now, a time in seconds since 1970, or never. */
export type Expiry = { expires_in: number } | { expires_time: number } | { never_expires: true };

export interface SharedPost {
  created_time: string;
  caption: string;
  location?: string;
  pictures: { alt_text: string; blurhash: string; renditions: Pick<Rendition, 'url' | 'width' | 'height'>[] }[];
}

/** What a secret link shows. */
export interface Shared {
  kind: 'post' | 'album';
  from: { username: string; full_name: string; profile_picture: string };
  title?: string;
  description?: string;
  expires_time: string | null;
  posts: SharedPost[];
  next_cursor: string | null;
}
