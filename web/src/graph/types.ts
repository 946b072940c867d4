import type { UserShort } from '../api/types';

/** Why somebody is suggested: names are of people one follows, or of a tag. */
export interface SuggestReason {
  kind: 'followed_by' | 'tag' | 'popular' | 'new';
  names: string[];
  count: number;
}

export interface Suggestion extends UserShort {
  reason: SuggestReason;
}
