import type { UserShort } from '../api/types';
import type { Decision, Thing } from '../moderate/types';

/** What was reported of one thing. */
export interface Case {
  id: string;
  thing: Thing;
  user: UserShort | null;
  state: 'open' | 'acted' | 'dismissed';
  reports: number;
  reasons: string[];
  opened_time: string;
  closed_time: string | null;
  /** What the thing said; empty in the list where not everybody could see it. */
  text: string;
  is_private: boolean;
  claimed_by: UserShort | null;
  claimed_time: string | null;
  closed_by: UserShort | null;
}

/** A case with what it is about, as that is now. */
export interface Preview extends Case {
  is_gone: boolean;
  caption: string;
  comment: string;
  pictures: { url: string; alt_text: string; width: number; height: number }[];
  bio: string;
  website: string;
  before: Decision[];
}

export interface Verdict {
  action: 'dismiss' | 'warn' | 'remove' | 'suspend';
  reason?: string;
  words: string;
  days?: number;
}

export interface Member extends UserShort {
  state: 'active' | 'suspended' | 'unfinished' | 'deleted';
  is_admin: boolean;
  is_moderator: boolean;
  created_time: string | null;
  counts: { media: number; follows: number; followed_by: number };
}

export interface AuditEntry {
  id: string;
  time: string;
  by: UserShort | null;
  via: string;
  deed: string;
  user: UserShort | null;
  thing: string;
  reason: string;
}
