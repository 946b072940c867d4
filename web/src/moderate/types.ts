import type { UserShort } from '../api/types';

export type ThingKind = 'post' | 'comment' | 'user';

/** What a report or a decision is about. */
export interface Thing {
  kind: ThingKind;
  id: string;
  post_id?: string;
  /** Of the post. */
  shortcode?: string;
}

export const reasons = ['spam', 'harassment', 'hate', 'violence', 'nudity', 'self_harm', 'illegal', 'privacy', 'copyright', 'impersonation', 'other'] as const;
export type Reason = (typeof reasons)[number];

export interface Report {
  id: string;
  thing: Thing;
  reason: Reason;
  words: string;
  state: 'open' | 'acted' | 'dismissed';
  created_time: string;
  closed_time: string | null;
  by?: UserShort;
}

/** What was decided against somebody, and what they said to it. */
export interface Decision {
  id: string;
  thing: Thing;
  action: 'warn' | 'remove' | 'suspend';
  reason: Reason;
  words: string;
  text: string;
  created_time: string;
  until_time: string | null;
  state: 'holds' | 'reversed' | 'over';
  ended_time: string | null;
  can_appeal: boolean;
  appeal: { state: 'none' | 'open' | 'granted' | 'rejected'; words: string; created_time: string | null; reply: string };
  user?: UserShort;
  by?: UserShort;
  /** In the list of appeals, of what was decided in a case. */
  case_id?: string;
}
