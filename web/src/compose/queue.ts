/** Sends photos one after another, a few at a time, again and again while the network is at fault. */
import { ApiError, randomKey } from '../api/client';
import type { Upload } from '../api/types';

export type UploadState =
  | { state: 'waiting' }
  /** sent is a fraction; at 1 the server is looking at the photo. */
  | { state: 'sending'; sent: number }
  /** Will be tried again by itself. */
  | { state: 'retrying' }
  | { state: 'ready'; upload: Upload }
  /** error is an ApiError or a Refusal; again says that another try may help. */
  | { state: 'failed'; error: unknown; again: boolean };

/** Why a photo is refused before, or without, asking the server. */
export class Refusal extends Error {
  constructor(readonly reason: 'type' | 'size' | 'expired') {
    super(reason);
    this.name = 'Refusal';
  }
}

export interface SendOptions {
  /** The same for every try of one photo, so that a lost answer does not make two uploads. */
  idempotencyKey: string;
  signal: AbortSignal;
  onProgress: (sent: number) => void;
}

export type Send = (file: Blob, options: SendOptions) => Promise<Upload>;

interface Options {
  /** At most so many at once. */
  parallel?: number;
  /** Tries before the person is asked. */
  tries?: number;
  /** Resolves after ms, or earlier if there is reason to hope; rejects when the signal fires. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Task {
  key: string;
  file: Blob;
  idempotencyKey: string;
  abort: AbortController;
}

export class UploadQueue {
  private readonly waiting: Task[] = [];
  private readonly running = new Map<string, Task>();
  private readonly parallel: number;
  private readonly tries: number;
  private readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;

  constructor(
    private readonly send: Send,
    private readonly report: (key: string, state: UploadState) => void,
    options: Options = {},
  ) {
    this.parallel = options.parallel ?? 2;
    this.tries = options.tries ?? 6;
    this.wait = options.wait ?? waitOrOnline;
  }

  /** Adds a photo, or adds it again after it failed. */
  add(key: string, file: Blob): void {
    if (this.running.has(key) || this.waiting.some((t) => t.key === key)) return;
    this.waiting.push({ key, file, idempotencyKey: randomKey(), abort: new AbortController() });
    this.report(key, { state: 'waiting' });
    this.next();
  }

  /** Gives up on a photo; nothing more is reported of it. */
  cancel(key: string): void {
    const at = this.waiting.findIndex((t) => t.key === key);
    if (at >= 0) this.waiting.splice(at, 1);
    const task = this.running.get(key);
    this.running.delete(key);
    task?.abort.abort();
    this.next();
  }

  stop(): void {
    this.waiting.length = 0;
    for (const task of this.running.values()) task.abort.abort();
    this.running.clear();
  }

  private next(): void {
    while (this.running.size < this.parallel) {
      const task = this.waiting.shift();
      if (!task) return;
      this.running.set(task.key, task);
      void this.run(task).finally(() => {
        if (this.running.get(task.key) === task) this.running.delete(task.key);
        this.next();
      });
    }
  }

  private async run(task: Task): Promise<void> {
    const { signal } = task.abort;
    const say = (state: UploadState) => {
      if (!signal.aborted) this.report(task.key, state);
    };
    for (let attempt = 1; ; attempt++) {
      try {
        say({ state: 'sending', sent: 0 });
        const upload = await this.send(task.file, {
          idempotencyKey: task.idempotencyKey,
          signal,
          onProgress: (sent) => say({ state: 'sending', sent }),
        });
        return say({ state: 'ready', upload });
      } catch (error) {
        if (signal.aborted) return;
        const passing = mayPass(error);
        if (!passing || attempt >= this.tries) return say({ state: 'failed', error, again: passing });
        say({ state: 'retrying' });
        try {
          await this.wait(delay(attempt, error), signal);
        } catch {
          return;
        }
      }
    }
  }
}

/** Whether the same request may succeed later: the network, a busy or failing server; never what is wrong with the photo. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.network || error.status === 408 || error.status === 429 || (error.status >= 500 && error.status !== 507);
}

/** One second, doubled with every try, spread so that a crowd does not return at once; or what the server asks for. */
export function delay(attempt: number, error: unknown, random: () => number = Math.random): number {
  if (error instanceof ApiError && error.retryAfter) return Math.min(error.retryAfter, 60) * 1000;
  return Math.min(1000 * 2 ** (attempt - 1), 20_000) * (0.75 + random() / 2);
}

/** Waits, but not beyond the moment at which the network is back. */
function waitOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(finish, ms);
    function finish() {
      clearTimeout(timer);
      window.removeEventListener('online', finish);
      signal.removeEventListener('abort', finish);
      if (signal.aborted) reject(new DOMException('Aborted', 'AbortError'));
      else resolve();
    }
    window.addEventListener('online', finish);
    signal.addEventListener('abort', finish);
  });
}
