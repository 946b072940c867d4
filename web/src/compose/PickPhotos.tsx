import type { RefObject } from 'react';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Mark } from '../ui/Mark';
import css from './compose.module.css';
import './messages';

interface Props {
  titleRef: RefObject<HTMLHeadingElement | null>;
  most: number;
  onChoose: () => void;
}

/** Nothing chosen yet: a plate waiting to be exposed. */
export function PickPhotos({ titleRef, most, onChoose }: Props) {
  const t = useT();
  return (
    <div className={css.pick}>
      <Mark size={56} />
      <h1 ref={titleRef} tabIndex={-1}>
        {t('compose.title')}
      </h1>
      <p>{t('compose.pick.text', { most })}</p>
      <Button onClick={onChoose}>{t('compose.choose')}</Button>
      <p className={css.pickHint}>{t('compose.pick.hint')}</p>
      <p className={css.pickHint}>
        <Link href="/about/photos">{t('compose.pick.what')}</Link>
      </p>
    </div>
  );
}
