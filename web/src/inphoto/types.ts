import type { UserShort } from '../api/types';

/** A point of a picture: parts of its width and height, from the top left. */
export interface Position {
  x: number;
  y: number;
}

/** Somebody in a picture, as posts have it. */
export interface InPhoto {
  user: UserShort;
  position: Position;
}

/** Somebody in a picture of a post, as its list of people has it. */
export interface PersonInPhoto extends InPhoto {
  media: number;
  status: 'shown' | 'waiting';
}

/** Somebody tagged in a picture that is being composed or edited. */
export interface Tagged extends InPhoto {
  /** Has not said yes yet. */
  waiting?: boolean;
}

/** Somebody to be tagged, in a request. */
export interface TagIn {
  user_id: string;
  media: number;
  position: Position;
}
