import { useT, type MessageKey } from '../i18n';
import type { ToolProps } from './Editor';
import { Slider } from './Slider';
import css from './editor.module.css';
import '../compose/messages';

const adjustments = [
  { name: 'brightness', min: -1 },
  { name: 'contrast', min: -1 },
  { name: 'warmth', min: -1 },
  { name: 'saturation', min: -1 },
  { name: 'vignette', min: 0 },
] as const;

export function AdjustTool({ recipe, change, onRest }: ToolProps) {
  const t = useT();
  return (
    <div className={css.sliders}>
      {adjustments.map(({ name, min }) => {
        const value = Math.round((recipe[name] ?? 0) * 100);
        return (
          <Slider
            key={name}
            label={t(`compose.adjust.${name}` satisfies MessageKey)}
            value={value}
            min={min * 100}
            max={100}
            step={1}
            origin={0}
            text={value > 0 && min < 0 ? `+${value}` : `${value}`.replace('-', '−')}
            onChange={(v) => change({ [name]: v / 100 }, name)}
            onRest={onRest}
          />
        );
      })}
    </div>
  );
}
