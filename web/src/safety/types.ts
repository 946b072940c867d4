import type { Comment } from '../api/types';

/** Who may comment; of a post, default is as its owner has it for all posts. */
export type Commenters = 'default' | 'everyone' | 'following' | 'followers' | 'nobody';

/** What the viewer set against a user, who is not told. */
export interface Stance {
  muted?: boolean;
  muted_activity?: boolean;
  restricted?: boolean;
}

/** What a post says of comments, and of the viewer's hidden words. */
export interface MediaSafety {
  commenters?: Commenters;
  /** Absent where the viewer may comment. */
  can_comment?: false;
  /** In the home feed only. */
  has_hidden_words?: true;
}

export interface Safety {
  commenters: Commenters;
  hidden_words: string[];
  cover_feed: boolean;
}

/** A comment that waits for the owner of its post. */
export interface HeldComment extends Comment {
  why: 'restricted' | 'words';
  media: { id: string; link: string; thumbnail: string; shortcode: string };
}
