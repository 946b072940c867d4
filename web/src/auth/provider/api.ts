import { request } from '../../api/client';
import type { Site, User } from '../../api/types';

export type Provider = NonNullable<Site['providers']>[number];

/** What came of the way to a provider and back. */
export interface Arrival {
  result: 'signed_in' | 'linked' | 'code' | 'join';
  provider: Provider;
  /** A path of this site to go on to; '' for nowhere in particular. */
  next: string;
  user?: User;
  ticket?: string;
  proposal?: { username: string; full_name: string; email: string; email_confirmed: boolean };
}

export interface Joining {
  username: string;
  full_name: string;
  email: string;
  invite: string;
  locale: string;
}

const path = '/v1/session/provider';

export const providers = {
  begin: (provider: string, next: string) => request<{ url: string }>('POST', path, { json: { provider, next } }),
  arrive: (answer: { state: string; code: string; iss: string }) => request<Arrival>('POST', `${path}/answer`, { json: answer }),
  finish: (ticket: string, code: string) => request<{ user: User }>('POST', `${path}/code`, { json: { ticket, code } }),
  join: (ticket: string, form: Joining) => request<{ user: User }>('POST', `${path}/join`, { json: { ticket, ...form } }),
};
