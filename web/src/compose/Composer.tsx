import { useCallback, useEffect, useRef, useState } from 'react';
import { useT } from '../i18n';
import { useSelf, useSite } from '../session';
import { useTitle } from '../ui/hooks';
import { Splash } from '../ui/Splash';
import { useToast } from '../ui/Toasts';
import { Details } from './Details';
import { DropVeil, takeHanded } from './GlobalDrop';
import { LeaveDialog } from './LeaveDialog';
import { PickPhotos } from './PickPhotos';
import { Photos } from './Photos';
import { useDraft } from './useDraft';
import { useFiles } from './useFiles';
import { useLeaving } from './useLeaving';
import { usePublish } from './usePublish';
import css from './compose.module.css';
import './messages';

/** The composer: photos, their edits, the words, and out. For signed-in users. */
export default function Composer() {
  const self = useSelf();
  return self ? <Compose key={self.id} user={self.id} /> : <Splash />;
}

const defaults = { media_per_post: 20, upload_bytes: 50 * 1024 * 1024 };

function Compose({ user }: { user: string }) {
  const t = useT();
  const site = useSite();
  const toast = useToast();
  const limits = site?.limits ?? defaults;
  const composing = useDraft(user);
  const { draft, loaded, add } = composing;
  const [step, setStep] = useState<'photos' | 'details'>('photos');
  const picker = useRef<HTMLInputElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useTitle(t('compose.title'));

  const take = useCallback(
    (files: readonly File[]) => {
      const room = limits.media_per_post - draft.photos.length;
      if (files.length > room) toast.say(t('compose.tooMany', { most: limits.media_per_post }));
      add(files.slice(0, Math.max(0, room)), limits.upload_bytes);
    },
    [add, draft.photos.length, limits, t, toast],
  );
  const { over } = useFiles((files) => loaded && take(files));

  const handed = useRef(false);
  useEffect(() => {
    if (!loaded || handed.current) return;
    handed.current = true;
    const files = takeHanded();
    if (files.length) take(files);
  }, [loaded, take]);

  const go = (to: 'photos' | 'details') => {
    setStep(to);
    window.scrollTo({ top: 0 });
    // The next step begins at its heading, for those who do not see it change.
    requestAnimationFrame(() => title.current?.focus({ preventScroll: true }));
  };

  const empty = draft.photos.length === 0;
  const [wasEmpty, setWasEmpty] = useState(empty);
  if (empty !== wasEmpty) {
    setWasEmpty(empty);
    setStep('photos');
  }
  const before = useRef(empty);
  useEffect(() => {
    // The last photo took the focus along.
    if (empty && !before.current) title.current?.focus();
    before.current = empty;
  }, [empty]);

  const publishing = usePublish(composing, user);
  const leaving = useLeaving(draft.photos.length > 0, publishing.busy || draft.photos.some((p) => p.upload.state !== 'ready' && p.upload.state !== 'failed'));

  if (!loaded) return <Splash />;
  return (
    <div className={css.composer}>
      {over && <DropVeil />}
      <input
        ref={picker}
        type="file"
        hidden
        multiple
        accept={(site?.accepts ?? ['image/*']).concat('.heic', '.heif').join(',')}
        aria-label={t('compose.choose')}
        onChange={(e) => {
          take(Array.from(e.currentTarget.files ?? []));
          e.currentTarget.value = '';
        }}
      />
      {empty ? (
        <PickPhotos titleRef={title} most={limits.media_per_post} onChoose={() => picker.current?.click()} />
      ) : step === 'photos' ? (
        <Photos titleRef={title} composing={composing} most={limits.media_per_post} onAdd={() => picker.current?.click()} onClose={() => leaving.ask('/')} onNext={() => go('details')} />
      ) : (
        <Details titleRef={title} composing={composing} publishing={publishing} onBack={() => go('photos')} />
      )}
      {leaving.to !== null && (
        <LeaveDialog
          onStay={leaving.stay}
          onKeep={leaving.go}
          onDiscard={() => {
            composing.clear(false);
            leaving.go();
          }}
        />
      )}
    </div>
  );
}
