import { ApiError } from '../api/client';
import { useT, type T } from '../i18n';
import { Button } from '../ui/Button';
import { errorText } from '../ui/States';
import { uploaded, type Draft, type Photo } from './draft';
import { Refusal, type UploadState } from './queue';
import css from './compose.module.css';
import './messages';

export function stateText(t: T, u: UploadState): string {
  switch (u.state) {
    case 'waiting':
      return t('compose.upload.waiting');
    case 'sending':
      return u.sent < 1 ? t('compose.upload.sending', { percent: Math.floor(u.sent * 100) }) : t('compose.upload.checking');
    case 'retrying':
      return t('compose.upload.retrying');
    case 'ready':
      return t('compose.upload.ready');
    case 'failed':
      return photoError(t, u.error);
  }
}

function photoError(t: T, error: unknown): string {
  if (error instanceof Refusal) return t(`compose.refused.${error.reason}`);
  if (error instanceof ApiError && error.status === 413 && error.message === '') return t('compose.refused.size');
  return errorText(t, error);
}

/** How far the upload of a photo is, as a ring or a mark on its thumbnail; nothing once it is there. */
export function Badge({ upload: u }: { upload: UploadState }) {
  if (u.state === 'ready') return null;
  if (u.state === 'failed') return <span className={`${css.badge} ${css.bad}`}>!</span>;
  const sent = u.state === 'sending' ? u.sent : 0;
  const turning = u.state === 'retrying' || (u.state === 'sending' && u.sent === 1);
  return (
    <span className={css.badge}>
      <svg viewBox="0 0 24 24" width="24" height="24" className={turning ? css.turning : undefined} aria-hidden="true">
        <circle cx="12" cy="12" r="8" className={css.ring} />
        <circle cx="12" cy="12" r="8" pathLength="100" strokeDasharray={`${turning ? 30 : Math.max(4, sent * 100)} 100`} className={css.ringDone} transform="rotate(-90 12 12)" />
      </svg>
    </span>
  );
}

/** What is wrong with a photo, and what can be done. */
export function PhotoProblem({ photo, onRetry, onRemove }: { photo: Photo; onRetry: () => void; onRemove: () => void }) {
  const t = useT();
  const u = photo.upload;
  if (u.state !== 'failed') return null;
  return (
    <div role="alert" className={css.problem}>
      <p>
        <strong>{photo.name}</strong>
        <br />
        {photoError(t, u.error)}
      </p>
      <div className={css.problemActions}>
        {u.again && photo.file && (
          <Button kind="quiet" onClick={onRetry}>
            {t('compose.retry')}
          </Button>
        )}
        <Button kind="quiet" onClick={onRemove}>
          {t('compose.removeShort')}
        </Button>
      </div>
    </div>
  );
}

/** All uploads in one line and one bar; gone when all are there. Read out when a photo is done, not at every step. */
export function UploadProgress({ draft }: { draft: Draft }) {
  const t = useT();
  const { done, failed, fraction } = uploaded(draft);
  const total = draft.photos.length;
  const busy = done + failed < total;
  const retrying = draft.photos.some((p) => p.upload.state === 'retrying');
  const text = !busy ? '' : retrying ? t('compose.upload.retrying') : t('compose.uploads', { done, total });
  return (
    <div className={css.uploads} data-busy={busy}>
      <p aria-live="polite">{text}</p>
      {busy && (
        <div className={css.bar} role="progressbar" aria-label={t('compose.uploads.label')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(fraction * 100)}>
          <div style={{ transform: `scaleX(${fraction})` }} />
        </div>
      )}
    </div>
  );
}
