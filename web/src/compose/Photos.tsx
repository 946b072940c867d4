import { useState, type RefObject } from 'react';
import { Editor, type Tool } from '../edit/Editor';
import { aspectOf, type Aspect } from '../edit/aspects';
import { useT } from '../i18n';
import { Button, IconButton } from '../ui/Button';
import { useToast } from '../ui/Toasts';
import type { Photo } from './draft';
import { Filmstrip, PhotoActions } from './Filmstrip';
import { useSource } from './sources';
import { PhotoProblem, UploadProgress } from './UploadBadge';
import type { Composing } from './useDraft';
import css from './compose.module.css';
import './messages';

interface Props {
  titleRef: RefObject<HTMLHeadingElement | null>;
  composing: Composing;
  most: number;
  onAdd: () => void;
  onClose: () => void;
  onNext: () => void;
}

/** The first step: the photos, in order, each as it shall be. */
export function Photos({ titleRef, composing, most, onAdd, onClose, onNext }: Props) {
  const t = useT();
  const toast = useToast();
  const { draft, dispatch, remove, retry } = composing;
  const [tool, setTool] = useState<Tool>('filter');
  const [aspects, setAspects] = useState<Partial<Record<string, Aspect>>>({});
  const at = Math.max(0, draft.photos.findIndex((p) => p.key === draft.selected));
  const photo = draft.photos[at];
  const source = useSource(photo);

  return (
    <>
      <header className={css.head}>
        <IconButton icon="close" label={t('compose.close')} onClick={onClose} />
        <h1 ref={titleRef} tabIndex={-1}>
          {t('compose.title')}
        </h1>
        <Button onClick={onNext}>{t('compose.next')}</Button>
      </header>
      {photo && (
        <Editor
          photo={photo.key}
          source={source ?? null}
          blank={<Blank photo={photo} loading={source === undefined} />}
          edits={photo.edits}
          onEdits={(change) => dispatch({ type: 'edits', key: photo.key, change })}
          tool={tool}
          onTool={setTool}
          aspect={aspects[photo.key] ?? (source ? aspectOf(photo.edits.now, source) : 'original')}
          onAspect={(a) => setAspects((all) => ({ ...all, [photo.key]: a }))}
          onAll={
            draft.photos.length > 1
              ? () => {
                  dispatch({ type: 'look', key: photo.key });
                  toast.say(t('compose.all.done'));
                }
              : undefined
          }
          label={t('compose.preview', { n: at + 1 })}
          actions={<PhotoActions draft={draft} dispatch={dispatch} onRemove={remove} />}
        >
          <div className={css.below}>
            <Filmstrip draft={draft} most={most} dispatch={dispatch} onRemove={remove} onAdd={onAdd} />
            <UploadProgress draft={draft} />
            <PhotoProblem photo={photo} onRetry={() => retry(photo)} onRemove={() => remove(photo)} />
          </div>
        </Editor>
      )}
    </>
  );
}

function Blank({ photo, loading }: { photo: Photo; loading: boolean }) {
  const t = useT();
  const failed = photo.upload.state === 'failed';
  const coming = photo.upload.state !== 'ready' && !failed;
  return (
    <div className={css.blankStage} data-loading={loading}>
      {!loading && <p>{coming ? t('compose.preview.later') : t('compose.preview.none')}</p>}
    </div>
  );
}
