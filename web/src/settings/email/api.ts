import { request } from '../../api/client';

/** What is known of one's e-mail address; pending is to take its place. verified_time is in epoch seconds. */
export interface Email {
  email: string;
  verified_time: string | null;
  pending: string;
  required: boolean;
}

export const email = {
  get: () => request<Email>('GET', '/v1/users/self/email'),
  change: (address: string, password: string) => request<Email>('PUT', '/v1/users/self/email', { json: { email: address, password } }),
  again: () => request<null>('POST', '/v1/users/self/email/verify'),
};
