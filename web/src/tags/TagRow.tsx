import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { Icon } from '../ui/Icon';
import { tagPath } from './path';
import type { Tag } from './types';

/** A tag in a list, with how many posts have it. */
export function TagRow({ tag, action, onNavigate }: { tag: Tag; action?: ReactNode; onNavigate?: () => void }) {
  const t = useT();
  return (
    <li className="person">
      <Link href={tagPath(tag.name)} className="person__link" onClick={() => onNavigate?.()}>
        <span className="tag-sign" aria-hidden="true">
          <Icon name="tag" size={22} />
        </span>
        <span className="person__names">
          <strong>#{tag.name}</strong>
          <span>{t('tag.count', { count: tag.media_count })}</span>
        </span>
      </Link>
      {action}
    </li>
  );
}
