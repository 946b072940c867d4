import { useId, type CSSProperties } from 'react';
import css from './editor.module.css';

interface Props {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** Where the track's fill begins, and what a double click goes back to. */
  origin?: number;
  /** The value as people read it. */
  text: string;
  onChange: (v: number) => void;
  /** The thumb was let go. */
  onRest: () => void;
}

export function Slider({ label, value, min, max, step, origin = min, text, onChange, onRest }: Props) {
  const id = useId();
  const at = (v: number) => (v - min) / (max - min);
  const style = { '--from': Math.min(at(value), at(origin)), '--to': Math.max(at(value), at(origin)) } as CSSProperties;
  return (
    <div className={css.slider}>
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id} aria-hidden="true">
        {text}
      </output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        style={style}
        onChange={(e) => onChange(e.target.valueAsNumber)}
        onPointerUp={onRest}
        onBlur={onRest}
        onDoubleClick={() => {
          onChange(origin);
          onRest();
        }}
      />
    </div>
  );
}
