import { useLocation, useRoute } from 'wouter';
import { useT } from '../i18n';
import { useFiles } from './useFiles';
import css from './drop.module.css';
import './messages';

let handed: File[] = [];

/** Files that were dropped on another page, once. */
export function takeHanded(): File[] {
  const files = handed;
  handed = [];
  return files;
}

/** Photos dropped on or pasted into any page open the composer with them. Mount it once, for signed-in users. */
export function GlobalDrop() {
  const [, navigate] = useLocation();
  const [composing] = useRoute('/new');
  return composing ? null : <Catch onFiles={(files) => { handed = files; navigate('/new'); }} />;
}

function Catch({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { over } = useFiles((files) => {
    const photos = files.filter((f) => f.type === '' || f.type.startsWith('image/'));
    if (photos.length) onFiles(photos);
  });
  return over ? <DropVeil /> : null;
}

export function DropVeil() {
  const t = useT();
  return (
    <div className={css.veil} aria-hidden="true">
      <p>{t('compose.drop')}</p>
    </div>
  );
}
