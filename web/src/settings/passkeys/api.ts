import { list, request } from '../../api/client';
import type { User } from '../../api/types';
import type { Answer, Ceremony, CreateOptions, GetOptions } from './credentials';

/** A passkey as its owner sees it; times are in epoch seconds. */
export interface Passkey {
  id: string;
  name: string;
  created_time: string;
  used_time: string | null;
}

const path = (id: string) => `/v1/users/self/passkeys/${encodeURIComponent(id)}`;

export const passkeys = {
  list: () => list<Passkey>('/v1/users/self/passkeys', null),
  begin: (password: string) => request<Ceremony<CreateOptions>>('POST', '/v1/users/self/passkeys/challenge', { json: { password } }),
  add: (answer: Answer, name: string) => request<Passkey>('POST', '/v1/users/self/passkeys', { json: { ...answer, name } }),
  rename: (id: string, name: string) => request<null>('PATCH', path(id), { json: { name } }),
  remove: (id: string, password: string) => request<null>('POST', `${path(id)}/remove`, { json: { password } }),
  challenge: (login: string, password: string) => request<Ceremony<GetOptions>>('POST', '/v1/session/passkey', { json: login === '' ? {} : { login, password } }),
  signIn: (passkey: Answer, login: string, password: string) =>
    request<{ user: User }>('POST', '/v1/session', { json: { ...(login === '' ? {} : { login, password }), passkey, cookie: true } }),
};
