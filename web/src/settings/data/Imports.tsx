import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Self } from '../../api/types';
import { useT } from '../../i18n';
import { Spinner } from '../../ui/Splash';
import { ErrorState } from '../../ui/States';
import { useToast } from '../../ui/Toasts';
import { importsApi, sendFile, type Import } from './api';
import { OneImport } from './OneImport';
import { importsKey } from './useImports';
import './messages';

const askEvery = 1500;

/** States in which something goes on that one asks for. */
const moving: readonly Import['state'][] = ['reading', 'running', 'undoing'];
const over: readonly Import['state'][] = ['done', 'failed', 'undone'];

/** Bringing archives from elsewhere, and what became of them. */
export function Imports({ self }: { self: Self }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({
    queryKey: importsKey,
    queryFn: importsApi.list,
    refetchInterval: (q) => (q.state.data?.some((i) => moving.includes(i.state)) ? askEvery : false),
  });
  const [sending, setSending] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const put = (i: Import) =>
    client.setQueryData<Import[]>(importsKey, (list) => (list?.some((o) => o.id === i.id) ? list.map((o) => (o.id === i.id ? i : o)) : [i, ...(list ?? [])]));

  const send = useMutation({
    mutationFn: async ({ file, begun }: { file: File; begun: Import | null }) => {
      if (begun && (begun.name !== file.name || begun.bytes !== file.size)) throw new Error(t('data.otherFile', { name: begun.name }));
      const i = begun ?? (await importsApi.begin(file.name, file.size));
      put(i);
      setSending(i.id);
      abort.current = new AbortController();
      return sendFile(i, file, abort.current.signal, put);
    },
    onError: (error, { begun }) => {
      if (!abort.current?.signal.aborted) {
        if (begun && error.message === t('data.otherFile', { name: begun.name })) toast.say(error.message);
        else toast.fail(error);
      }
    },
    onSettled: () => {
      setSending(null);
      void client.invalidateQueries({ queryKey: importsKey });
    },
  });

  const list = query.data ?? [];
  const begun = list.find((i) => i.state === 'receiving') ?? null;
  const free = list.every((i) => over.includes(i.state));
  return (
    <section className="settings__part" aria-labelledby="data-import">
      <h3 id="data-import">{t('data.import')}</h3>
      <p className="settings__lead">{t('data.importLead')}</p>
      <details>
        <summary>{t('data.how')}</summary>
        <p className="settings__lead">{t('data.howText')}</p>
      </details>
      {query.isPending && <Spinner />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {list.map((i) => (
        <OneImport key={i.id} item={i} self={self} sending={sending === i.id} stop={() => abort.current?.abort()} />
      ))}
      {query.data && (free || (begun && sending === null)) && (
        <label className="button button--quiet data-choose" data-busy={send.isPending || undefined}>
          {t('data.choose')}
          <input
            type="file"
            accept=".zip,.tar,.tar.gz,.tgz,.gz,application/zip,application/gzip,application/x-tar"
            disabled={send.isPending}
            onChange={(e) => {
              const file = e.target.files?.[0];
              e.target.value = '';
              if (file) send.mutate({ file, begun });
            }}
          />
        </label>
      )}
    </section>
  );
}
