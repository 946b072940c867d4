import { useId, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes } from 'react';
import { useT } from '../i18n';

interface Common {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

function describe(id: string, hint: ReactNode, error: string | undefined): string | undefined {
  const ids = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return ids === '' ? undefined : ids;
}

function Notes({ id, hint, error }: { id: string; hint: ReactNode; error: string | undefined }) {
  return (
    <>
      {error && (
        <p className="field__error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p className="field__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </>
  );
}

/** A labelled input with its hint and its error beside it. */
export function Field({ label, hint, error, ...input }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input {...input} id={id} aria-invalid={error ? true : undefined} aria-describedby={describe(id, hint, error)} />
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

interface AreaProps extends Common, TextareaHTMLAttributes<HTMLTextAreaElement> {
  value: string;
  /** Shows how many characters are left. */
  limit?: number | undefined;
}

export function TextArea({ label, hint, error, limit, ...area }: AreaProps) {
  const t = useT();
  const id = useId();
  const left = limit === undefined ? undefined : limit - [...area.value].length;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea rows={3} {...area} id={id} aria-invalid={error || (left ?? 0) < 0 ? true : undefined} aria-describedby={describe(id, hint, error)} />
      {left !== undefined && left < 100 && (
        <p className={`field__count ${left < 0 ? 'field__count--over' : ''}`} aria-live="polite">
          {left < 0 ? t('field.over', { count: -left }) : t('field.left', { count: left })}
        </p>
      )}
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

interface SwitchProps {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p className="field__hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(e) => onChange(e.target.checked)}
      />
    </div>
  );
}

interface ChoiceProps<V extends string> {
  legend: string;
  /** Where the words above say it already. */
  legendHidden?: boolean;
  value: V;
  options: readonly { value: V; label: string; hint?: string }[];
  onChange: (v: V) => void;
}

/** One of a few, all visible. */
export function Choice<V extends string>({ legend, legendHidden, value, options, onChange }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className={legendHidden ? 'visually-hidden' : undefined}>{legend}</legend>
      {options.map((o) => (
        <label key={o.value} className="choice__option">
          <input type="radio" name={name} value={o.value} checked={o.value === value} onChange={() => onChange(o.value)} />
          <span>
            {o.label}
            {o.hint && <small>{o.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
