import type { UserShort } from '../api/types';
import { useRelationship } from '../graph/useRelationship';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Switch } from '../ui/Field';
import { Spinner } from '../ui/Splash';
import { useStance } from './useStance';
import './messages';
import './safety.css';

/** What one can set against somebody without their knowing. Each switch works at once, and undoes itself. */
export default function SafetyDialog({ user, onClose }: { user: UserShort; onClose: () => void }) {
  const t = useT();
  const name = user.username;
  const now = useRelationship(user.id);
  const stance = useStance(user, { later: true });
  const busy = stance.isPending;
  // What is asked for shows before the answer comes, and goes back if the server says no.
  const asked = busy ? stance.variables : undefined;
  const muted = asked?.action === 'mute' || (asked?.action !== 'unmute' && (now?.muted ?? false));
  const activity = asked?.action === 'mute' ? (asked.activity ?? false) : asked?.action !== 'unmute' && (now?.muted_activity ?? false);
  const restricted = asked?.action === 'restrict' || (asked?.action !== 'unrestrict' && (now?.restricted ?? false));
  return (
    <Dialog title={t('safety.title', { name })} onClose={onClose} sheet>
      {!now ? (
        <Spinner />
      ) : (
        <div className="safety">
          <Switch label={t('safety.mute')} hint={t('safety.muteHint')} checked={muted} disabled={busy}
            onChange={(on) => stance.mutate({ action: on ? 'mute' : 'unmute' })} />
          <Switch label={t('safety.muteActivity')} hint={t('safety.muteActivityHint')} checked={activity} disabled={busy || !now.muted}
            onChange={(on) => stance.mutate({ action: 'mute', activity: on })} />
          <Switch label={t('safety.restrict')} hint={t('safety.restrictHint')} checked={restricted} disabled={busy}
            onChange={(on) => stance.mutate({ action: on ? 'restrict' : 'unrestrict' })} />
          <p className="field__hint">{t('safety.told', { name })}</p>
          <div className="dialog__actions">
            <Button kind="quiet" onClick={onClose}>
              {t('safety.done')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
