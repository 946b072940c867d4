/** The one way to the server: envelopes in, typed data or an ApiError out. */

/** What went wrong, in the server's words where it had any. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;
  /** Of somebody suspended: what opens the page that says so. */
  readonly ticket: string | undefined;

  constructor(init: { status: number; type: string; message: string; field?: string | undefined; retryAfter?: number | undefined; ticket?: string | undefined }) {
    super(init.message);
    this.name = 'ApiError';
    this.status = init.status;
    this.type = init.type;
    this.field = init.field;
    this.retryAfter = init.retryAfter;
    this.ticket = init.ticket;
  }

  /** The session is over, or never was. */
  get unauthenticated(): boolean {
    return this.type === 'OAuthAccessTokenException' || this.type === 'OAuthParameterException';
  }

  get notFound(): boolean {
    return this.type === 'APINotFoundError' || this.status === 404;
  }

  get notAllowed(): boolean {
    return this.type === 'APINotAllowedError';
  }

  /** The request may never have arrived; trying again is safe with the same idempotency key. */
  get network(): boolean {
    return this.status === 0;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; mutually exclusive with json. */
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** For POST; made up if missing. Give one to make your own retries safe. */
  idempotencyKey?: string;
}

export interface Pagination {
  next_url?: string;
  next_max_id?: string;
  next_cursor?: string;
  next_max_like_id?: string;
}

export interface Envelope<T> {
  meta: { code: number; error_type?: string; error_message?: string; field?: string; ticket?: string };
  data: T;
  pagination?: Pagination;
}

/** 128 random bits in hex. crypto.randomUUID is missing on plain-http origins, which self-hosted sites often are. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

let onUnauthenticated: () => void = () => undefined;

/** Says whom to tell when the server no longer knows the session. */
export function setUnauthenticatedHandler(handler: () => void): void {
  onUnauthenticated = handler;
}

export function buildUrl(path: string, query: RequestOptions['query']): string {
  const params = new URLSearchParams();
  for (const [k, v] of Object.entries(query ?? {})) {
    if (v !== undefined && v !== '') params.set(k, String(v));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Sends one request and gives the whole envelope. Throws only ApiError, and AbortError when the signal fires. */
export async function requestEnvelope<T>(method: Method, path: string, options: RequestOptions = {}): Promise<Envelope<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  let body = options.body;
  if (options.json !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.json);
  }
  if (method === 'POST') headers['Idempotency-Key'] = options.idempotencyKey ?? randomKey();

  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = body;
  if (options.signal) init.signal = options.signal;

  const response = await send(buildUrl(path, options.query), init);
  return readEnvelope<T>(response);
}

/** As requestEnvelope, and gives the data alone. */
export async function request<T>(method: Method, path: string, options?: RequestOptions): Promise<T> {
  return (await requestEnvelope<T>(method, path, options)).data;
}

/** One more try after a network failure: POSTs carry an idempotency key, the other methods are idempotent by nature. */
async function send(url: string, init: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetch(url, init);
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      if (attempt === 0 && navigator.onLine && !(init.body instanceof ReadableStream)) continue;
      throw new ApiError({ status: 0, type: 'NetworkError', message: 'The site cannot be reached' });
    }
  }
}

async function readEnvelope<T>(response: Response): Promise<Envelope<T>> {
  let envelope: Partial<Envelope<T>> | undefined;
  try {
    envelope = (await response.json()) as Partial<Envelope<T>>;
  } catch {
    envelope = undefined; // a proxy's HTML page, or nothing
  }
  const meta = envelope?.meta ?? bareError(envelope);
  if (response.ok && meta && meta.code < 300) return envelope as Envelope<T>;
  throw errorFrom(response, meta);
}

/** What OAuth's addresses answer where something is wrong: an error without an envelope. */
function bareError(body: unknown): Envelope<unknown>['meta'] | undefined {
  const e = body as Partial<Envelope<unknown>['meta']> | undefined;
  return typeof e?.code === 'number' && e.error_type !== undefined ? (e as Envelope<unknown>['meta']) : undefined;
}

/** Makes an ApiError of a failed response; also for callers with a transport of their own (upload progress needs XHR). */
export function errorFrom(
  response: { status: number; headers?: { get(name: string): string | null } },
  meta: Envelope<unknown>['meta'] | undefined,
): ApiError {
  const retry = Number(response.headers?.get('Retry-After'));
  const error = new ApiError({
    status: response.status,
    type: meta?.error_type ?? 'APIError',
    message: meta?.error_message ?? '',
    field: meta?.field,
    ticket: meta?.ticket,
    retryAfter: Number.isFinite(retry) && retry > 0 ? retry : undefined,
  });
  if (error.unauthenticated) onUnauthenticated();
  return error;
}

/** Where the next page of a list begins: the query parameter and its value. */
export interface Cursor {
  param: 'max_id' | 'cursor' | 'max_like_id';
  value: string;
}

export interface ListPage<T> {
  items: T[];
  next: Cursor | null;
}

export function nextCursor(p: Pagination | undefined): Cursor | null {
  if (p?.next_max_id) return { param: 'max_id', value: p.next_max_id };
  if (p?.next_cursor) return { param: 'cursor', value: p.next_cursor };
  if (p?.next_max_like_id) return { param: 'max_like_id', value: p.next_max_like_id };
  return null;
}

/** One page of a list; after is null for the first. */
export async function list<T>(path: string, after: Cursor | null, options: RequestOptions = {}): Promise<ListPage<T>> {
  const query = { ...options.query, ...(after ? { [after.param]: after.value } : {}) };
  const envelope = await requestEnvelope<T[] | null>('GET', path, { ...options, query });
  return { items: envelope.data ?? [], next: nextCursor(envelope.pagination) };
}
