import { Link } from 'wouter';
import { useT } from '../i18n';
import { Choice, Switch } from '../ui/Field';
import type { Audience } from './types';
import './messages';

interface Props {
  audience: Audience;
  hideLikes: boolean;
  onAudience: (a: Audience) => void;
  onHideLikes: (hide: boolean) => void;
  /** Where the page would be lost, nothing leads away. */
  stay?: boolean;
}

/** For whom a post is, and whether others see its likes. */
export function AudienceChoice({ audience, hideLikes, onAudience, onHideLikes, stay = false }: Props) {
  const t = useT();
  return (
    <>
      <Choice
        legend={t('audience.title')}
        value={audience}
        options={[
          { value: 'everyone', label: t('audience.everyone'), hint: t('audience.everyoneHint') },
          { value: 'friends', label: t('audience.friends'), hint: t('audience.friendsHint') },
        ]}
        onChange={onAudience}
      />
      {audience === 'friends' && !stay && (
        <p className="field__hint">
          <Link href="/close-friends">{t('audience.list')}</Link>
        </p>
      )}
      <Switch label={t('audience.hideLikes')} hint={t('audience.hideLikesHint')} checked={hideLikes} onChange={onHideLikes} />
    </>
  );
}
