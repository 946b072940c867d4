import { useT } from '../i18n';
import { Dialog } from '../ui/Dialog';
import { HeldComments } from './HeldComments';
import './messages';

/** The comments on one post that wait for its owner. */
export default function HeldDialog({ media, onClose }: { media: string; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog title={t('held.title')} onClose={onClose} sheet>
      <HeldComments media={media} />
    </Dialog>
  );
}
