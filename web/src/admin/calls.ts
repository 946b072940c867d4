import { list, request, type Cursor } from '../api/client';
import type { Decision, Report } from '../moderate/types';
import type { AuditEntry, Case, Member, Preview, Verdict } from './types';

const seg = encodeURIComponent;
const user = (id: string) => `/v1/admin/users/${seg(id)}`;
const report = (id: string) => `/v1/admin/reports/${seg(id)}`;

export const cases = (kind: string, state: string) => (after: Cursor | null) => list<Case>('/v1/admin/reports', after, { query: { kind, state } });
export const oneCase = (id: string) => request<Preview>('GET', report(id));
export const reportsIn = (id: string) => (after: Cursor | null) => list<Report>(`${report(id)}/reports`, after);
export const claim = (id: string, on: boolean) => request<null>('POST', `${report(id)}/claim`, { json: { on } });
export const decide = (id: string, verdict: Verdict) => request<null>('POST', `${report(id)}/decide`, { json: verdict });
export const appeals = (after: Cursor | null) => list<Decision>('/v1/admin/appeals', after);
export const answer = (id: string, grant: boolean, words: string) => request<null>('POST', `/v1/admin/appeals/${seg(id)}`, { json: { grant, words } });
export const reverse = (id: string, words: string) => request<null>('POST', `/v1/admin/decisions/${seg(id)}/reverse`, { json: { words } });
export const members = (q: string, state: string) => (after: Cursor | null) => list<Member>('/v1/admin/users', after, { query: { q, state } });
export const suspend = (id: string, verdict: { reason: string; words: string; days: number }) => request<null>('POST', `${user(id)}/suspend`, { json: verdict });
export const lift = (id: string) => request<null>('POST', `${user(id)}/lift`, { json: {} });
export const resetTwoFactor = (id: string) => request<null>('DELETE', `${user(id)}/two-factor`);
export const signOut = (id: string) => request<null>('DELETE', `${user(id)}/sessions`);
export const setModerator = (id: string, on: boolean) => request<null>(on ? 'PUT' : 'DELETE', `${user(id)}/moderator`);
export const audit = (deed: string) => (after: Cursor | null) => list<AuditEntry>('/v1/admin/audit', after, { query: { deed, count: 40 } });
