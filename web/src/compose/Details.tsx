import { lazy, Suspense, useId, type ReactNode, type RefObject } from 'react';
import { PhotoCanvas } from '../edit/PhotoCanvas';
import { useT } from '../i18n';
import { WhoMayComment } from '../safety/WhoMayComment';
import { AudienceChoice } from '../post/AudienceChoice';
import { useSelf, useSite } from '../session';
import { Button, IconButton } from '../ui/Button';
import { TextArea } from '../ui/Field';
import { errorText } from '../ui/States';
import { Caption } from './Caption';
import { uploaded, uploadOf, type Photo } from './draft';
import { Place } from './Place';
import { useSource } from './sources';
import { Thumb } from './Thumb';
import { PhotoProblem, stateText, UploadProgress } from './UploadBadge';
import type { Composing } from './useDraft';
import type { Publishing } from './usePublish';
import css from './compose.module.css';
import './messages';

interface Props {
  titleRef: RefObject<HTMLHeadingElement | null>;
  composing: Composing;
  publishing: Publishing;
  onBack: () => void;
}

const TagPhoto = lazy(() => import('../inphoto/TagPhoto'));

const defaults = { caption: 2200, alt_text: 1000 };

/** The second step: the words, and out. */
export function Details({ titleRef, composing, publishing, onBack }: Props) {
  const t = useT();
  const limits = useSite()?.limits ?? defaults;
  const altTitle = useId();
  const self = useSelf();
  const { draft, dispatch, retry, remove } = composing;
  const { photos } = draft;
  const failed = uploaded(draft).failed > 0;
  const tooLong = [...draft.caption].length > limits.caption || photos.some((p) => [...p.alt].length > limits.alt_text);
  const taken = photos.map((p) => uploadOf(p)?.location).find((l) => l !== undefined);

  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!failed && !tooLong) publishing.start();
      }}
    >
      <header className={css.head}>
        <IconButton icon="back" label={t('compose.back')} disabled={publishing.state === 'sending'} onClick={() => { publishing.cancel(); onBack(); }} />
        <h1 ref={titleRef} tabIndex={-1}>
          {t('compose.details')}
        </h1>
        <Button type="submit" busy={publishing.busy} disabled={failed || tooLong}>
          {t('compose.share')}
        </Button>
      </header>
      <div className={css.status}>
        <p role="status">
          {publishing.state === 'waiting' && t('compose.publishing.waiting')}
          {publishing.state === 'sending' && t('compose.publishing', { count: photos.length })}
        </p>
        {publishing.state === 'sending' && <div className={`${css.bar} ${css.endless}`} role="progressbar" aria-label={t('compose.publishing.label')} />}
        {publishing.error !== null && publishing.state === 'idle' && (
          <div role="alert" className={css.problem}>
            <p>
              <strong>{errorText(t, publishing.error)}</strong>
              <br />
              {t('compose.kept')}
            </p>
          </div>
        )}
        <UploadProgress draft={draft} />
        {photos.map((p) => (
          <PhotoProblem key={p.key} photo={p} onRetry={() => retry(p)} onRemove={() => { publishing.cancel(); remove(p); }} />
        ))}
      </div>
      <fieldset disabled={publishing.state === 'sending'} className={css.details}>
        <div className={css.words}>
          <Caption value={draft.caption} limit={limits.caption} onChange={(caption) => dispatch({ type: 'caption', caption })} />
          <Place place={draft.place} taken={taken} onChange={(place) => dispatch({ type: 'place', place })} />
          <WhoMayComment value={draft.who} ofPost onChange={(who) => dispatch({ type: 'who', who })} />
          <AudienceChoice
            audience={draft.audience}
            hideLikes={draft.hideLikes ?? self?.hides_likes ?? false}
            onAudience={(audience) => dispatch({ type: 'audience', audience })}
            onHideLikes={(hide) => dispatch({ type: 'hideLikes', hide })}
          />
        </div>
        <section aria-labelledby={altTitle} className={css.alts}>
          <h2 id={altTitle}>{t('compose.alt.title')}</h2>
          <p className={css.note}>{t('compose.alt.hint')}</p>
          <ol>
            {photos.map((p, i) => (
              <li key={p.key}>
                <Thumb photo={p} side={88} />
                <div>
                  <TextArea
                    label={photos.length > 1 ? t('compose.alt.of', { n: i + 1 }) : t('compose.alt')}
                    value={p.alt}
                    limit={limits.alt_text}
                    rows={2}
                    onChange={(e) => dispatch({ type: 'alt', key: p.key, alt: e.currentTarget.value })}
                  />
                  {p.upload.state !== 'ready' && <p className={css.note}>{stateText(t, p.upload)}</p>}
                </div>
                <Suspense>
                  <TagPhoto n={photos.length > 1 ? i + 1 : 0} people={p.people} onChange={(people) => dispatch({ type: 'people', key: p.key, people })}
                    picture={(layer) => (
                      <EditedPhoto photo={p} n={i + 1}>
                        {layer}
                      </EditedPhoto>
                    )} />
                </Suspense>
              </li>
            ))}
          </ol>
        </section>
      </fieldset>
    </form>
  );
}

/** The photo as it will be, with something that lies exactly on it. */
function EditedPhoto({ photo, n, children }: { photo: Photo; n: number; children: ReactNode }) {
  const t = useT();
  const source = useSource(photo);
  if (!source) return <p className={css.note}>{t(source === undefined ? 'compose.upload.checking' : 'compose.preview.later')}</p>;
  return (
    <PhotoCanvas source={source} recipe={photo.edits.now} label={t('compose.preview', { n })}>
      {children}
    </PhotoCanvas>
  );
}
