import type { MessageKey } from '../i18n';
import type { ActivityTab } from './ActivityPage';
import type { ActivityKind } from './types';
import './messages';

const mine: Record<ActivityKind, MessageKey> = {
  like: 'activity.like',
  comment: 'activity.comment',
  follow: 'activity.follow',
  request: 'activity.request',
  approved: 'activity.approved',
  mention: 'activity.mention',
  tag: 'activity.tag',
  tag_request: 'activity.tagRequest',
  notice: 'activity.notice',
};

const following: Partial<Record<ActivityKind, MessageKey>> = {
  like: 'activity.f.like',
  comment: 'activity.f.comment',
  follow: 'activity.f.follow',
};

/** The sentence that tells of a group. */
export const sentence = (kind: ActivityKind, tab: ActivityTab): MessageKey => (tab === 'following' && following[kind]) || mine[kind];

/** How much of a kind is new. */
export const newOf: Record<ActivityKind, MessageKey> = {
  like: 'activity.n.like',
  comment: 'activity.n.comment',
  follow: 'activity.n.follow',
  request: 'activity.n.follow',
  approved: 'activity.n.approved',
  mention: 'activity.n.mention',
  tag: 'activity.n.tag',
  tag_request: 'activity.n.tag',
  notice: 'activity.n.notice',
};
