/** What a browser is asked about passkeys, and what it answers: base64url on the wire, bytes in the browser. */

export interface Ceremony<O> {
  challenge: string;
  options: O;
}

interface Named {
  id: string;
  type: 'public-key';
}

export interface CreateOptions extends Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Named[];
}

export interface GetOptions extends Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> {
  challenge: string;
  allowCredentials?: Named[];
}

export interface Answer {
  challenge: string;
  response: unknown;
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

export function text(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const named = (list: Named[] | undefined) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

/** Whether the browser can do it at all. */
export const canPasskeys = () => typeof window.PublicKeyCredential === 'function';

/** Has a device make a passkey. */
export async function create(q: Ceremony<CreateOptions>): Promise<Answer> {
  const o = q.options;
  const made = await navigator.credentials.create({
    publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: named(o.excludeCredentials) },
  });
  const c = made as PublicKeyCredential;
  const r = c.response as AuthenticatorAttestationResponse;
  return {
    challenge: q.challenge,
    response: {
      id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: {},
      response: { clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), transports: r.getTransports?.() ?? [] },
    },
  };
}

/** Has a device answer with a passkey. */
export async function get(q: Ceremony<GetOptions>): Promise<Answer> {
  const o = q.options;
  const found = await navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: named(o.allowCredentials) } });
  const c = found as PublicKeyCredential;
  const r = c.response as AuthenticatorAssertionResponse;
  return {
    challenge: q.challenge,
    response: {
      id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: {},
      response: {
        clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature),
        ...(r.userHandle ? { userHandle: text(r.userHandle) } : {}),
      },
    },
  };
}

/** Whether somebody only thought better of it, or let the time pass. */
export const gaveUp = (error: unknown) => error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
