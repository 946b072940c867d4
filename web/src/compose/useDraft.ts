import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { ApiError, randomKey } from '../api/client';
import { emptyDraft, fromStored, isEmpty, reduce, toStored, uploadOf, type Action, type Draft, type Photo } from './draft';
import { Refusal, UploadQueue } from './queue';
import { dropUpload, getUpload, sendUpload } from './send';
import { dropDraft, loadDraft, saveDraft } from './store';

export interface Composing {
  draft: Draft;
  /** False until the draft of the last visit, if there is one, is back. */
  loaded: boolean;
  dispatch: (a: Action) => void;
  /** Adds photos; those larger than maxBytes, or plainly no photos, are shown as refused. */
  add: (files: readonly File[], maxBytes: number) => void;
  remove: (p: Photo) => void;
  retry: (p: Photo) => void;
  /** Forgets everything; keepUploads after publishing, when they belong to the post. */
  clear: (keepUploads: boolean) => void;
}

/** The draft of a user, its uploads, and its copy on this device. */
export function useDraft(user: string): Composing {
  const [draft, dispatch] = useReducer(reduce, emptyDraft);
  const [loaded, setLoaded] = useState(false);
  const latest = useRef(draft);
  const queue = useRef<UploadQueue>(null);

  useEffect(() => {
    latest.current = draft;
  });

  useEffect(() => {
    const q = new UploadQueue(sendUpload, (key, upload) => dispatch({ type: 'upload', key, upload }));
    queue.current = q;
    let here = true;
    void loadDraft(user).then((stored) => {
      if (!here) return;
      if (stored) {
        const back = fromStored(stored);
        // Photos may have been dropped while the old draft was being read.
        const early = latest.current.photos;
        dispatch({ type: 'restore', draft: { ...back, photos: [...back.photos, ...early], selected: back.selected ?? early[0]?.key ?? null } });
        for (const p of back.photos) {
          if (p.file) q.add(p.key, p.file);
          else void check(p).then((known) => {
            if (here && !known) dispatch({ type: 'upload', key: p.key, upload: { state: 'failed', error: new Refusal('expired'), again: false } });
          });
        }
      }
      setLoaded(true);
    });
    return () => {
      here = false;
      q.stop();
    };
  }, [user]);

  useEffect(() => {
    if (!loaded) return;
    const save = () => void (isEmpty(latest.current) ? dropDraft(user) : saveDraft(user, toStored(latest.current)));
    const timer = setTimeout(save, 400);
    window.addEventListener('pagehide', save);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('pagehide', save);
    };
  }, [draft, loaded, user]);

  // Leaving the page inside the app does not wait for the timer.
  useEffect(
    () => () => {
      if (!isEmpty(latest.current)) void saveDraft(user, toStored(latest.current));
    },
    [user],
  );

  const add = useCallback((files: readonly File[], maxBytes: number) => {
    const photos = files.map((file) => ({ key: randomKey(), file }));
    dispatch({ type: 'add', photos });
    for (const p of photos) {
      const reason = refused(p.file, maxBytes);
      if (reason) dispatch({ type: 'upload', key: p.key, upload: { state: 'failed', error: new Refusal(reason), again: false } });
      else queue.current?.add(p.key, p.file);
    }
  }, []);

  const remove = useCallback((p: Photo) => {
    queue.current?.cancel(p.key);
    forget(p);
    dispatch({ type: 'remove', key: p.key });
  }, []);

  const retry = useCallback((p: Photo) => {
    if (p.file) queue.current?.add(p.key, p.file);
  }, []);

  const clear = useCallback(
    (keepUploads: boolean) => {
      for (const p of latest.current.photos) {
        queue.current?.cancel(p.key);
        if (!keepUploads) forget(p);
      }
      latest.current = emptyDraft;
      dispatch({ type: 'restore', draft: emptyDraft });
      void dropDraft(user);
    },
    [user],
  );

  return useMemo(() => ({ draft, loaded, dispatch, add, remove, retry, clear }), [draft, loaded, add, remove, retry, clear]);
}

/** Only what is plain from here: the server looks at the bytes. Some systems give HEIC no type at all. */
function refused(file: File, maxBytes: number): 'type' | 'size' | null {
  if (file.type !== '' && !file.type.startsWith('image/')) return 'type';
  return file.size > maxBytes ? 'size' : null;
}

/** The server forgets uploads that nobody publishes anyway; this only spares it the wait. */
function forget(p: Photo): void {
  const id = uploadOf(p)?.id;
  if (id) dropUpload(id).catch(() => undefined);
}

/** Whether the server still knows an upload: they expire. Where it cannot be asked, it is believed to. */
async function check(p: Photo): Promise<boolean> {
  try {
    await getUpload(uploadOf(p)?.id ?? '');
    return true;
  } catch (e) {
    return !(e instanceof ApiError && e.notFound);
  }
}
