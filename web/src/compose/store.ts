/** The draft in IndexedDB, one for each user of this browser. Where there is none, drafts last as long as the page. */
import type { Stored } from './draft';

const table = 'drafts';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tintype-compose', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(table);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('IndexedDB'));
    opening.onblocked = () => reject(new Error('IndexedDB is blocked'));
  });
}

async function run<V>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<V>): Promise<V | undefined> {
  let db: IDBDatabase | undefined;
  try {
    db = await open();
    const at = db;
    return await new Promise<V>((resolve, reject) => {
      const tx = at.transaction(table, mode);
      const asked = act(tx.objectStore(table));
      tx.oncomplete = () => resolve(asked.result);
      tx.onabort = tx.onerror = () => reject(tx.error ?? new Error('IndexedDB'));
    });
  } catch {
    return undefined; // private windows, full disks: composing goes on without
  } finally {
    db?.close();
  }
}

export async function loadDraft(user: string): Promise<Stored | undefined> {
  const stored = await run<Stored | undefined>('readonly', (s) => s.get(user) as IDBRequest<Stored | undefined>);
  return stored?.version === 1 ? stored : undefined;
}

export const saveDraft = (user: string, stored: Stored) => run('readwrite', (s) => s.put(stored, user));
export const dropDraft = (user: string) => run('readwrite', (s) => s.delete(user));
