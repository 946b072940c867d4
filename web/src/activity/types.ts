import type { UserShort } from '../api/types';

export type ActivityKind = 'like' | 'comment' | 'follow' | 'request' | 'approved' | 'mention' | 'tag' | 'tag_request' | 'notice';

export interface ActivityMedia {
  id: string;
  link: string;
  thumbnail: string;
  shortcode: string;
}

/** Things of one kind that belong together. */
export interface ActivityGroup {
  /** Of the newest. */
  id: string;
  oldest_id: string;
  kind: ActivityKind;
  created_time: string;
  count: number;
  new_count: number;
  /** The latest few, and how many there are; none of a notice. */
  users: UserShort[];
  user_count: number;
  targets: UserShort[];
  target_count: number;
  media: ActivityMedia[];
  text?: string;
}

export type Circle = 'everyone' | 'following' | 'nobody';

export type NotifyKind = 'likes' | 'comments' | 'follows' | 'mentions' | 'tags';

/** What one lets others do and wants to hear of. */
export interface Choices {
  tags_from: Circle;
  approve_tags: boolean;
  mentions_from: Circle;
  show_activity: boolean;
  notify: Record<NotifyKind, Circle>;
}

export type ChoicePatch = Partial<Omit<Choices, 'notify'>> & { notify?: Partial<Choices['notify']> };
