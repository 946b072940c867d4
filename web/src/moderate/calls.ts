import type { UserShort } from '../api/types';
import { list, request, type Cursor } from '../api/client';
import type { Decision, Reason, Report, ThingKind } from './types';

const seg = encodeURIComponent;

/** What is reported: of a comment, also which post it is on. */
export interface Reported {
  kind: ThingKind;
  id: string;
  post_id?: string;
}

export const person = (id: string) => request<UserShort>('GET', `/v1/users/${seg(id)}`);
export const report = (what: Reported, reason: Reason, words: string) => request<Report>('POST', '/v1/reports', { json: { ...what, reason, words } });
export const reports = (after: Cursor | null) => list<Report>('/v1/reports', after);
export const notices = (after: Cursor | null) => list<Decision>('/v1/users/self/notices', after);
export const appeal = (id: string, words: string) => request<null>('POST', `/v1/users/self/notices/${seg(id)}/appeal`, { json: { words } });
export const suspension = (ticket: string) => request<Decision[]>('POST', '/v1/suspension', { json: { ticket } });
export const appealSuspension = (ticket: string, id: string, words: string) =>
  request<null>('POST', '/v1/suspension/appeal', { json: { ticket, id, words } });
