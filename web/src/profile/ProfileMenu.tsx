import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { User } from '../api/types';
import { useRelate, useRelationship } from '../graph/useRelationship';
import { useT } from '../i18n';
import { IconButton } from '../ui/Button';
import { copyText } from '../ui/clipboard';
import { ConfirmDialog, Dialog } from '../ui/Dialog';
import { MenuItem as Item } from '../ui/MenuItem';
import { useToast } from '../ui/Toasts';

const SafetyDialog = lazy(() => import('../safety/SafetyDialog'));
const FriendItem = lazy(() => import('../friends/FriendItem'));
const ReportDialog = lazy(() => import('../moderate/ReportDialog'));

/** What else can be done with a profile: settings for one's own, block for another's. */
export function ProfileMenu({ user, mine }: { user: User; mine: boolean }) {
  const t = useT();
  const toast = useToast();
  const [, navigate] = useLocation();
  const relationship = useRelationship(user.id, user.relationship);
  const { relate } = useRelate(user);
  const [open, setOpen] = useState<'menu' | 'block' | 'safety' | 'report' | null>(null);
  const close = () => setOpen(null);
  const blocked = relationship?.incoming_status === 'blocked_by_you';

  if (mine) return <IconButton className="narrow-only" icon="gear" label={t('nav.settings')} onClick={() => navigate('/settings')} />;
  return (
    <>
      <IconButton icon="more" label={t('profile.menu')} aria-haspopup="dialog" onClick={() => setOpen('menu')} />
      {open === 'menu' && (
        <Dialog title={t('profile.menu')} onClose={close} sheet bare>
          <ul className="menu">
            <Item
              icon="link"
              label={t('share.copyProfile')}
              onClick={async () => {
                const link = `${location.origin}/${user.username}`;
                const copied = await copyText(link);
                close();
                toast.say(copied ? t('share.copied') : link);
              }}
            />
            {relationship?.incoming_status === 'followed_by' && (
              <Item
                icon="person"
                label={t('follow.remove')}
                onClick={() => {
                  close();
                  relate('remove_follower');
                }}
              />
            )}
            {!blocked && relationship && <Item icon="quiet" label={t('profile.safety')} onClick={() => setOpen('safety')} />}
            {relationship && !blocked && (
              <Suspense fallback={null}>
                <FriendItem user={user} on={relationship.is_close_friend ?? false} onDone={close} />
              </Suspense>
            )}
            {blocked ? (
              <Item
                icon="block"
                label={t('profile.unblock')}
                onClick={() => {
                  close();
                  relate('unblock');
                }}
              />
            ) : (
              <Item icon="block" danger label={t('profile.block')} onClick={() => setOpen('block')} />
            )}
            <Item icon="flag" danger label={t('action.report')} onClick={() => setOpen('report')} />
            <Item icon="close" label={t('action.cancel')} onClick={close} />
          </ul>
        </Dialog>
      )}
      {open === 'safety' && (
        <Suspense>
          <SafetyDialog user={user} onClose={close} />
        </Suspense>
      )}
      {open === 'report' && (
        <Suspense>
          <ReportDialog what={{ kind: 'user', id: user.id }} onClose={close} />
        </Suspense>
      )}
      {open === 'block' && (
        <ConfirmDialog title={t('profile.blockTitle', { name: user.username })} text={t('profile.blockText')} action={t('profile.block')} onClose={close}
          onConfirm={() => {
            close();
            relate('block');
          }}
        />
      )}
    </>
  );
}
