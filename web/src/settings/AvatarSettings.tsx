import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Self, User } from '../api/types';
import { useT } from '../i18n';
import { useSite } from '../session';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { errorText } from '../ui/States';
import { useToast } from '../ui/Toasts';
import './messages';

/** The portrait: choose a file, or go back to the initial. */
export function AvatarSettings({ self }: { self: Self }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const site = useSite();
  const input = useRef<HTMLInputElement>(null);
  const done = (user: User) => {
    client.setQueryData<Self | null>(keys.self, (s) => s && { ...s, profile_picture: user.profile_picture });
    void client.invalidateQueries({ queryKey: ['user'] });
    void client.invalidateQueries({ queryKey: ['media'] });
    toast.say(t('settings.saved'));
  };
  const upload = useMutation({ mutationFn: api.self.setAvatar, onSuccess: done });
  const remove = useMutation({ mutationFn: api.self.removeAvatar, onSuccess: done });
  const error = upload.error ?? remove.error;
  return (
    <div className="avatar-settings">
      <Avatar user={self} size={72} />
      <div>
        <input
          ref={input}
          type="file"
          hidden
          accept={site?.accepts.join(',') ?? 'image/*'}
          aria-label={t('settings.avatarChange')}
          onChange={(e) => {
            const file = e.target.files?.[0];
            e.target.value = '';
            if (file) upload.mutate(file);
          }}
        />
        <div className="row">
          <Button kind="quiet" busy={upload.isPending} onClick={() => input.current?.click()}>
            {t('settings.avatarChange')}
          </Button>
          <Button kind="text" busy={remove.isPending} onClick={() => remove.mutate()}>
            {t('settings.avatarRemove')}
          </Button>
        </div>
        {error && (
          <p className="field__error" role="alert">
            {errorText(t, error)}
          </p>
        )}
      </div>
    </div>
  );
}
