import { Icon, type IconName } from './Icon';

/** One thing to choose in a menu. */
export function MenuItem({ icon, label, danger = false, onClick }: { icon: IconName; label: string; danger?: boolean; onClick: () => unknown }) {
  return (
    <li>
      <button type="button" className={danger ? 'menu__item menu__item--danger' : 'menu__item'} onClick={() => void onClick()}>
        <Icon name={icon} />
        {label}
      </button>
    </li>
  );
}
