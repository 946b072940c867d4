import { list, request, type Cursor } from '../api/client';
import type { ActivityGroup, ChoicePatch, Choices } from './types';

/** Minutes by which this device's clock is ahead of UTC: days are the reader's. */
const offset = () => -new Date().getTimezoneOffset();

export const activity = {
  mine: (after: Cursor | null) => list<ActivityGroup>('/v1/users/self/activity/grouped', after, { query: { count: 30, utc_offset: offset() } }),
  following: (after: Cursor | null) => list<ActivityGroup>('/v1/users/self/activity/following', after, { query: { count: 30, utc_offset: offset() } }),
  choices: () => request<Choices>('GET', '/v1/users/self/choices'),
  choose: (patch: ChoicePatch) => request<Choices>('PATCH', '/v1/users/self/choices', { json: patch }),
};

/** Under what these are cached; what is under "activity" is read anew when something happens. */
export const activityKeys = {
  mine: ['activity', 'mine'] as const,
  following: ['activity', 'following'] as const,
  choices: ['choices'] as const,
};
