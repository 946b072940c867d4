/** Every call this app makes, one line each. Paths and shapes: docs/api.md. */
import { list, request, type Cursor } from './client';
import type {
  AdminApp,
  App,
  AppChange,
  AppPowers,
  Callback,
  Comment,
  Consent,
  Grant,
  Invite,
  Job,
  Knob,
  Location,
  Media,
  Place,
  Redirect,
  Relationship,
  Self,
  Session,
  SignupMode,
  Site,
  UsedHour,
  User,
  UserShort,
} from './types';
import type { Enrolment, RecoveryCodes, TwoFactor } from '../settings/twofactor/types';
import type { SavedState } from '../collect/types';
import type { Suggestion } from '../graph/types';
import type { TagIn } from '../inphoto/types';
import type { Commenters } from '../safety/types';
import type { Audience } from '../post/types';
import type { Tag, TagRelationship } from '../tags/types';

const seg = encodeURIComponent;

export interface SignUp {
  username: string;
  password: string;
  full_name: string;
  email: string;
  /** The language they see while signing up; the account keeps it. */
  locale?: string;
  invite?: string;
}

export interface ProfilePatch {
  full_name?: string;
  bio?: string;
  website?: string;
  username?: string;
  is_private?: boolean;
  has_map?: boolean;
  hides_likes?: boolean;
  locale?: string;
}

export interface MediaPatch {
  caption?: string;
  alt_texts?: string[];
  location?: Location | null;
  /** Old positions in the new order. */
  order?: number[];
  users_in_photo?: TagIn[];
  commenters?: Commenters;
  audience?: Audience;
  hide_likes?: boolean;
}

export type RelationshipAction = 'follow' | 'unfollow' | 'block' | 'unblock' | 'approve' | 'deny' | 'remove_follower';

export const site = {
  get: () => request<Site>('GET', '/v1/site'),
};

export const session = {
  signUp: (form: SignUp, key: string) =>
    request<{ user: User }>('POST', '/v1/users', { json: { ...form, cookie: true }, idempotencyKey: key }),
  signIn: (login: string, password: string, code: string) =>
    request<{ user: User }>('POST', '/v1/session', { json: { login, password, code, cookie: true } }),
  signOut: () => request<null>('DELETE', '/v1/session'),
  signOutEverywhere: () => request<null>('DELETE', '/v1/sessions'),
  list: () => list<Session>('/v1/sessions', null),
  revoke: (id: string) => request<null>('DELETE', `/v1/sessions/${seg(id)}`),
};

export const twoFactor = {
  get: () => request<TwoFactor>('GET', '/v1/users/self/two-factor'),
  begin: (password: string) => request<Enrolment>('POST', '/v1/users/self/two-factor', { json: { password } }),
  confirm: (code: string) => request<RecoveryCodes>('POST', '/v1/users/self/two-factor/confirm', { json: { code } }),
  renew: (password: string, code: string) => request<RecoveryCodes>('POST', '/v1/users/self/two-factor/recovery', { json: { password, code } }),
  off: (password: string, code: string) => request<null>('POST', '/v1/users/self/two-factor/off', { json: { password, code } }),
};

export const self = {
  get: () => request<Self>('GET', '/v1/users/self'),
  update: (patch: ProfilePatch) => request<Self>('PATCH', '/v1/users/self', { json: patch }),
  password: (current: string, next: string) => request<null>('POST', '/v1/users/self/password', { json: { current, new: next } }),
  setAvatar: (file: Blob) =>
    request<User>('PUT', '/v1/users/self/avatar', { body: file, headers: { 'Content-Type': file.type || 'application/octet-stream' } }),
  removeAvatar: () => request<User>('DELETE', '/v1/users/self/avatar'),
  activitySeen: (maxId: string) => request<null>('POST', '/v1/users/self/activity/seen', { json: { max_id: maxId } }),
  requests: (after: Cursor | null) => list<UserShort>('/v1/users/self/requested-by', after),
  feed: (after: Cursor | null) => list<Media>('/v1/users/self/feed', after, { query: { count: 12 } }),
  feedSince: (minId: string) => list<Media>('/v1/users/self/feed', null, { query: { min_id: minId, count: 20 } }),
};

export const users = {
  byUsername: (name: string) => request<User>('GET', `/v1/users/by-username/${seg(name)}`),
  search: (q: string, signal: AbortSignal) => list<UserShort>('/v1/users/search', null, { query: { q, count: 20 }, signal }),
  suggested: () => list<Suggestion>('/v1/users/suggested', null),
  dismiss: (id: string) => request<null>('DELETE', `/v1/users/suggested/${seg(id)}`),
  recall: (id: string) => request<null>('PUT', `/v1/users/suggested/${seg(id)}`),
  media: (id: string, after: Cursor | null) => list<Media>(`/v1/users/${seg(id)}/media/recent`, after, { query: { count: 24, pinned: 'first' } }),
  follows: (id: string, after: Cursor | null) => list<UserShort>(`/v1/users/${seg(id)}/follows`, after, { query: { count: 30 } }),
  followedBy: (id: string, after: Cursor | null) => list<UserShort>(`/v1/users/${seg(id)}/followed-by`, after, { query: { count: 30 } }),
  relationship: (id: string) => request<Relationship>('GET', `/v1/users/${seg(id)}/relationship`),
  relate: (id: string, action: RelationshipAction) =>
    request<Relationship>('POST', `/v1/users/${seg(id)}/relationship`, { json: { action } }),
};

export const tags = {
  get: (name: string) => request<Tag>('GET', `/v1/tags/${seg(name)}`),
  search: (q: string, signal: AbortSignal) => list<Tag>('/v1/tags/search', null, { query: { q, count: 20 }, signal }),
  media: (name: string, after: Cursor | null) => list<Media>(`/v1/tags/${seg(name)}/media/recent`, after, { query: { count: 24 } }),
  relationship: (name: string) => request<TagRelationship>('GET', `/v1/tags/${seg(name)}/relationship`),
  relate: (name: string, action: 'follow' | 'unfollow') =>
    request<TagRelationship>('POST', `/v1/tags/${seg(name)}/relationship`, { json: { action } }),
  followed: () => list<Tag>('/v1/users/self/tags', null),
};

export const media = {
  popular: (after: Cursor | null) => list<Media>('/v1/media/popular', after, { query: { count: 24 } }),
  byShortcode: (code: string) => request<Media>('GET', `/v1/media/shortcode/${seg(code)}`),
  update: (id: string, patch: MediaPatch) => request<Media>('PATCH', `/v1/media/${seg(id)}`, { json: patch }),
  remove: (id: string) => request<null>('DELETE', `/v1/media/${seg(id)}`),
  originalUrl: (id: string, n: number) => `/v1/media/${seg(id)}/original?n=${n}`,
  like: (id: string) => request<null>('POST', `/v1/media/${seg(id)}/likes`),
  unlike: (id: string) => request<null>('DELETE', `/v1/media/${seg(id)}/likes`),
  save: (id: string) => request<null>('PUT', `/v1/media/${seg(id)}/saved`),
  unsave: (id: string) => request<SavedState>('DELETE', `/v1/media/${seg(id)}/saved`),
  collect: (collection: string, id: string) => request<null>('PUT', `/v1/collections/${seg(collection)}/media/${seg(id)}`),
  likers: (id: string, after: Cursor | null) => list<UserShort>(`/v1/media/${seg(id)}/likes`, after, { query: { count: 30 } }),
  comments: (id: string, after: Cursor | null) => list<Comment>(`/v1/media/${seg(id)}/comments`, after, { query: { count: 30 } }),
  comment: (id: string, text: string, key: string) =>
    request<Comment>('POST', `/v1/media/${seg(id)}/comments`, { json: { text }, idempotencyKey: key }),
  removeComment: (id: string, comment: string) => request<null>('DELETE', `/v1/media/${seg(id)}/comments/${seg(comment)}`),
};

export const captions = {
  search: (q: string, after: Cursor | null, signal: AbortSignal) => list<Media>('/v1/search/media', after, { query: { q, count: 24 }, signal }),
};

export const places = {
  get: (id: string) => request<Place>('GET', `/v1/locations/${seg(id)}`),
  media: (id: string, after: Cursor | null) => list<Media>(`/v1/locations/${seg(id)}/media/recent`, after, { query: { count: 24 } }),
  near: (lat: number, lng: number, signal: AbortSignal) => list<Place>('/v1/locations/search', null, { query: { lat, lng, distance: 5000, count: 6 }, signal }),
  search: (q: string, signal: AbortSignal, count = 6) => list<Place>('/v1/locations/search', null, { query: { q, count }, signal }),
};

export const admin = {
  site: () => request<{ name: string; signup: SignupMode }>('GET', '/v1/admin/site'),
  updateSite: (patch: { name?: string; signup?: SignupMode }) =>
    request<{ name: string; signup: SignupMode }>('PATCH', '/v1/admin/site', { json: patch }),
  invites: () => list<Invite>('/v1/admin/invites', null),
  createInvite: () => request<Invite>('POST', '/v1/admin/invites', { json: {} }),
  revokeInvite: (code: string) => request<null>('DELETE', `/v1/admin/invites/${seg(code)}`),
  knobs: () => list<Knob>('/v1/admin/knobs', null),
  turnKnobs: async (change: { set?: Record<string, string>; reset?: string[] }) => ({
    items: await request<Knob[]>('PATCH', '/v1/admin/knobs', { json: change }),
    next: null,
  }),
  apps: (after: Cursor | null) => list<AdminApp>('/v1/admin/apps', after, { query: { count: 20 } }),
  allowApp: (id: string, powers: AppPowers) => request<AdminApp>('PATCH', `/v1/admin/apps/${seg(id)}`, { json: powers }),
  failedJobs: () => list<Job>('/v1/admin/jobs', null, { query: { state: 'discarded' } }),
  retryJob: (db: string, id: string) => request<null>('POST', `/v1/admin/jobs/${seg(db)}/${seg(id)}/retry`),
};

export const apps = {
  list: () => list<App>('/v1/apps', null),
  get: (id: string) => request<App>('GET', `/v1/apps/${seg(id)}`),
  create: (form: { name: string; description: string; website: string; redirect_uris: string[]; public: boolean }) =>
    request<App>('POST', '/v1/apps', { json: form }),
  change: (id: string, change: AppChange) => request<App>('PATCH', `/v1/apps/${seg(id)}`, { json: change }),
  rotate: (id: string) => request<App>('POST', `/v1/apps/${seg(id)}/secret`, { json: {} }),
  usage: (id: string, hours: number) => request<UsedHour[]>('GET', `/v1/apps/${seg(id)}/usage`, { query: { hours } }),
  callbacks: (id: string) => list<Callback>(`/v1/apps/${seg(id)}/callbacks`, null),
  resume: (id: string, callback: string) => request<null>('POST', `/v1/apps/${seg(id)}/callbacks/${seg(callback)}/resume`),
  remove: (id: string) => request<null>('DELETE', `/v1/apps/${seg(id)}`),
  grants: () => list<Grant>('/v1/grants', null),
  revokeGrant: (app: string) => request<null>('DELETE', `/v1/grants/${seg(app)}`),
};

/** What an app may say in its request; anything else is the app's own affair and stays in its address. */
const asked = ['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge', 'code_challenge_method'] as const;

export const oauth = {
  /** The same address as the page, asked for as JSON: the server checks the request before anybody is asked to allow it. */
  check: (search: string) => request<Consent | Redirect>('GET', `/oauth/authorize?${search}`),
  /** `shown` are the scopes that the page showed: the server refuses to grant others. */
  decide: (search: string, shown: readonly string[], allow: boolean) => {
    const params = new URLSearchParams(search);
    const said = Object.fromEntries(asked.flatMap((k) => (params.has(k) ? [[k, params.get(k)]] : [])));
    return request<Redirect>('POST', '/oauth/authorize', { json: { ...said, shown_scope: shown.join(' '), allow } });
  },
};
