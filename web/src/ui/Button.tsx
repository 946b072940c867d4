import type { ButtonHTMLAttributes } from 'react';
import { Link } from 'wouter';
import { Icon, type IconName } from './Icon';

type Kind = 'primary' | 'quiet' | 'danger' | 'text';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  /** Busy buttons do not react, and say that they are busy. */
  busy?: boolean;
  wide?: boolean;
}

function classes(kind: Kind, wide: boolean, extra?: string): string {
  return ['button', `button--${kind}`, wide ? 'button--wide' : '', extra ?? ''].filter(Boolean).join(' ');
}

export function Button({ kind = 'primary', busy = false, wide = false, className, type = 'button', onClick, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={classes(kind, wide, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(e) => {
        if (busy) e.preventDefault();
        else onClick?.(e);
      }}
    />
  );
}

interface LinkButtonProps {
  href: string;
  kind?: Kind;
  wide?: boolean;
  /** What it is called where that is more than it shows. */
  label?: string;
  children: React.ReactNode;
}

export function LinkButton({ href, kind = 'primary', wide = false, label, children }: LinkButtonProps) {
  return (
    <Link href={href} className={classes(kind, wide)} aria-label={label}>
      {children}
    </Link>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> {
  icon: IconName;
  label: string;
  filled?: boolean;
  size?: number;
}

/** A button that shows an icon and is called by its label. */
export function IconButton({ icon, label, filled = false, size = 24, className, ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} className={`icon-button ${className ?? ''}`} aria-label={label} title={label}>
      <Icon name={icon} filled={filled} size={size} />
    </button>
  );
}
