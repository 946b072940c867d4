import { request } from '../../api/client';
import type { Provider } from '../../auth/provider/api';

/** An account elsewhere by which one signs in. */
export interface Identity {
  /** What disconnects it. */
  key: string;
  /** '' for one that the site no longer has. */
  provider: string;
  name: string;
  email: string;
  linked_time: string;
}

/** How one signs in. */
export interface WaysIn {
  has_password: boolean;
  identities: Identity[];
  providers: Provider[];
}

const path = '/v1/users/self/identities';

export const identities = {
  get: () => request<WaysIn>('GET', path),
  connect: (provider: string, password: string) => request<{ url: string }>('POST', path, { json: { provider, password } }),
  disconnect: (key: string, password: string) => request<null>('POST', `${path}/${encodeURIComponent(key)}/remove`, { json: { password } }),
};
