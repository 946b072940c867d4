import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Self } from '../../api/types';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { useToast } from '../../ui/Toasts';
import { importsApi, type Import } from './api';
import { Items } from './Items';
import { Progress } from './Progress';
import { StartForm } from './StartForm';
import { importsKey, useDeed } from './useImports';
import { why } from './why';
import './messages';

interface Props {
  item: Import;
  self: Self;
  /** The file is on its way from this page. */
  sending: boolean;
  stop: () => void;
}

/** One archive: how far it is, what can be done with it, and what became of it. */
export function OneImport({ item, self, sending, stop }: Props) {
  const t = useT();
  const deed = useDeed(item.id);
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState<'undo' | 'remove' | null>(null);
  const remove = useMutation({
    mutationFn: () => importsApi.remove(item.id),
    onMutate: stop,
    onSuccess: () => client.setQueryData<Import[]>(importsKey, (list) => list?.filter((o) => o.id !== item.id)),
    onError: toast.fail,
    onSettled: () => setAsking(null),
  });
  const name = item.name;
  const percent = Math.floor((100 * item.parts) / Math.max(item.all_parts, 1));
  const head = {
    receiving: t(sending ? 'data.receiving' : 'data.continue', { name, percent }),
    reading: t('data.reading', { name }),
    waiting: t('data.found', { name, format: formats[item.format ?? 'tintype'] }),
    running: t('data.running', { name }),
    paused: t('data.paused', { name }),
    done: t('data.done', { name }),
    failed: t('data.failed', { name }),
    undoing: t('data.undoing', { name }),
    undone: t('data.undone', { name }),
  }[item.state];
  const settled = item.done + item.skipped + item.failed;
  const busy = deed.isPending;
  const can = {
    pause: item.state === 'running',
    resume: item.state === 'paused',
    retry: (item.state === 'done' || item.state === 'paused') && item.failed > 0,
    undo: ['running', 'paused', 'done'].includes(item.state) && item.done > 0,
    remove: item.state !== 'undoing',
  };
  return (
    <article className="data-card" aria-label={name}>
      <p role="status">
        <strong>{head}</strong>
      </p>
      {item.state === 'receiving' && <Progress label={head} done={item.parts} total={item.all_parts} />}
      {(item.state === 'running' || item.state === 'paused') && (
        <>
          <Progress label={head} done={settled} total={item.total} />
          <p className="settings__lead">{t('data.progress', { done: settled, total: item.total })}</p>
        </>
      )}
      {item.state === 'done' && <p>{t('data.result', { done: item.done, skipped: item.skipped, failed: item.failed })}</p>}
      {item.reasons && <p className="form__error">{why(t, item.reasons)}</p>}
      {item.state === 'waiting' && <StartForm item={item} self={self} busy={busy} onStart={(d) => deed.mutate(d)} />}
      {['running', 'paused', 'done'].includes(item.state) && <Items item={item} />}
      <div className="data-card__actions">
        {can.pause && (
          <Button kind="quiet" busy={busy} onClick={() => deed.mutate({ action: 'pause' })}>
            {t('data.pause')}
          </Button>
        )}
        {can.resume && (
          <Button busy={busy} onClick={() => deed.mutate({ action: 'resume' })}>
            {t('data.resume')}
          </Button>
        )}
        {can.retry && (
          <Button kind="quiet" busy={busy} onClick={() => deed.mutate({ action: 'retry' })}>
            {t('data.retry')}
          </Button>
        )}
        {can.undo && (
          <Button kind="quiet" onClick={() => setAsking('undo')}>
            {t('data.undo')}
          </Button>
        )}
        {can.remove && (
          <Button kind="quiet" onClick={() => setAsking('remove')}>
            {t('data.remove')}
          </Button>
        )}
      </div>
      {asking === 'undo' && (
        <ConfirmDialog title={t('data.undo')} text={t('data.undoText')} action={t('data.undo')} busy={busy}
          onConfirm={() => deed.mutate({ action: 'undo' }, { onSettled: () => setAsking(null) })} onClose={() => setAsking(null)} />
      )}
      {asking === 'remove' && (
        <ConfirmDialog title={t('data.remove')} text={t('data.removeText')} action={t('data.remove')} busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={() => setAsking(null)} />
      )}
    </article>
  );
}

/** What the forms call themselves. */
const formats = { instagram: 'Instagram', tintype: 'Tintype', mastodon: 'Mastodon', pixelfed: 'Pixelfed' } as const;
