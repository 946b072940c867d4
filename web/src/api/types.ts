import type { InPhoto } from '../inphoto/types';

/** The objects of API v1 as this app reads them. IDs are strings: a JavaScript number cannot hold one. */
import type { MediaSafety, Stance } from '../safety/types';
import type { InPost } from '../post/types';

export interface UserShort {
  id: string;
  username: string;
  full_name: string;
  profile_picture: string;
}

export type OutgoingStatus = 'follows' | 'requested' | 'none';
export type IncomingStatus = 'followed_by' | 'requested_by' | 'blocked_by_you' | 'none';

export interface Relationship extends Stance {
  outgoing_status: OutgoingStatus;
  incoming_status: IncomingStatus;
  target_user_is_private?: boolean;
  is_close_friend?: true;
}

export interface User extends UserShort {
  bio: string;
  website: string;
  is_private: boolean;
  /** There is a photo map; absent if not. */
  has_map?: boolean;
  counts: { media: number; follows: number; followed_by: number };
  relationship?: Relationship;
}

export interface Self extends User {
  email: string;
  is_admin: boolean;
  is_moderator: boolean;
  locale: string;
  unread_activity: number;
  hides_likes: boolean;
}

export type SignupMode = 'open' | 'invite' | 'closed';

export interface Site {
  name: string;
  version: string;
  signup: SignupMode;
  needs_first_user: boolean;
  limits: {
    caption: number;
    comment: number;
    alt_text: number;
    bio: number;
    media_per_post: number;
    upload_bytes: number;
    megapixels: number;
  };
  accepts: string[];
  /** In which who leaves may come back. */
  leave_days: number;
  /** Where map tiles come from; absent where the site draws its own. */
  map?: { tiles: string; attribution: string };
  providers?: { id: string; name: string }[];
}

export interface Rendition {
  url: string;
  width: number;
  height: number;
  type: string;
}

export interface Camera {
  make?: string;
  model?: string;
  lens?: string;
  exposure?: string;
  aperture?: number;
  iso?: number;
  focal_length?: number;
  taken_time?: string;
}

export interface Image {
  url: string;
  width: number;
  height: number;
}

export interface Images {
  thumbnail: Image;
  low_resolution: Image;
  standard_resolution: Image;
}

/** One picture of a post. */
export interface MediaItem {
  images: Images;
  renditions: Rendition[];
  blurhash: string;
  alt_text: string;
  width: number;
  height: number;
  camera: Camera | null;
  /** Those in the picture. */
  users_in_photo?: InPhoto[];
}

export interface Comment {
  id: string;
  created_time: string;
  text: string;
  from: UserShort;
}

export interface Location {
  id?: number | string;
  name?: string;
  latitude?: number;
  longitude?: number;
  /** In a request: only a point of a coarse grid is kept. */
  approximate?: boolean;
  /** Not on the owner's photo map. */
  on_map?: boolean;
}

/** A named place. */
export interface Place {
  id: string;
  name: string;
  latitude: number;
  longitude: number;
  /** Two letters; of towns of the world only. */
  country?: string;
  media_count?: number;
}

/** A post; API v1 calls it media. */
export interface Media extends MediaItem, InPost<UserShort>, MediaSafety {
  id: string;
  type: 'image' | 'video' | 'carousel';
  filter: string;
  created_time: string;
  edited_time: string | null;
  link: string;
  shortcode?: string;
  tags: string[];
  location: Location | null;
  caption: Comment | null;
  comments: { count: number; data: Comment[] };
  user_has_liked?: boolean;
  user_has_saved?: boolean;
  /** In the home feed: the followed tag for which the post is there, where its author is not followed. */
  followed_tag?: string;
  user: UserShort;
  carousel_media?: MediaItem[];
}

export interface Session {
  id: string;
  created_time: string;
  last_seen_time: string;
  user_agent: string;
  address: string;
  current: boolean;
  app?: string | { name: string } | null;
}

export type Scope = 'basic' | 'likes' | 'comments' | 'relationships' | 'media';

export type * from './appTypes';

export interface Grant {
  app: { id: string; name: string; website?: string };
  scopes: Scope[];
  created_time: string;
}

export interface Consent {
  /** The answer will be a token in the address. */
  implicit?: boolean;
  app: { name: string; website?: string };
  scopes: Scope[];
  redirect_uri?: string;
}

export interface Invite {
  code: string;
  created_time?: string | null;
  expires_time?: string | null;
  used_by?: UserShort | null;
  uses?: number;
}

/** Something that an admin may change while the site runs. Values are text: '200', 'off'. */
export interface Knob {
  name: string;
  kind: 'number' | 'switch' | 'choice';
  help: string;
  unit: string;
  value: string;
  default: string;
  min: number;
  max: number;
  /** 0 is allowed too, for no limit. */
  zero: boolean;
  words: string[];
  set: boolean;
  changed_time: string | null;
  changed_by: UserShort | null;
  changed_via: string;
}

export interface Job {
  id: string;
  db: string;
  kind: string;
  state: string;
  attempt: number;
  error: string;
  created_time?: string;
  failed_time?: string;
}

export interface Upload {
  id: string;
  width: number;
  height: number;
  type: string;
  bytes: number;
  sha256: string;
  expires_time: string;
  url: string;
  location?: { latitude: number; longitude: number };
  camera?: Camera;
}
