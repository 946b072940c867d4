import { request } from '../../api/client';

/** What the links in letters do, and how to get one. */
export const letters = {
  forgot: (email: string) => request<null>('POST', '/v1/password/forgot', { json: { email } }),
  reset: (token: string, password: string) => request<null>('POST', '/v1/password/reset', { json: { token, password } }),
  confirm: (token: string) => request<{ email: string }>('POST', '/v1/email/confirm', { json: { token } }),
  undo: (token: string) => request<{ email: string }>('POST', '/v1/email/undo', { json: { token } }),
};
