import { useId } from 'react';
import { useT, type MessageKey } from '../i18n';
import { aspects, ratioOf, type Aspect } from './aspects';
import type { ToolProps } from './Editor';
import { cropTo, geometry, mirror, turn } from './geometry';
import { Glyph } from './glyphs';
import type { Source } from './preview';
import type { Recipe } from './recipe';
import { Slider } from './Slider';
import css from './editor.module.css';
import '../compose/messages';

interface Props extends ToolProps {
  source: Source;
  aspect: Aspect;
  onAspect: (a: Aspect) => void;
}

/** Shape, quarter turns, mirror and straightening; the rectangle itself is CropOverlay's. */
export function CropTool({ source, recipe, change, onRest, aspect, onAspect }: Props) {
  const t = useT();
  const name = useId();

  const choose = (a: Aspect) => {
    onAspect(a);
    const { frame } = geometry(recipe, source.width, source.height);
    const ratio = ratioOf(a, frame);
    if (a === 'original') change({ crop: null });
    else if (ratio !== null) change({ crop: cropTo(ratio, frame, recipe.crop ?? undefined) });
  };
  const quarter = () => {
    const next: Recipe = turn(recipe);
    const { frame } = geometry(next, source.width, source.height);
    const ratio = ratioOf(aspect, frame);
    // A turned 4:5 would be 5:4; the shape that was chosen stays.
    if (next.crop && ratio !== null && aspect !== 'original') next.crop = cropTo(ratio, frame, next.crop);
    change(next);
  };
  const degrees = recipe.straighten ?? 0;

  return (
    <div className={css.sliders}>
      <div className={css.row}>
        <div role="radiogroup" aria-label={t('compose.aspect')} className={css.segments}>
          {aspects.map((a) => (
            <label key={a}>
              <input type="radio" name={name} checked={a === aspect} onChange={() => choose(a)} />
              <span>{t(`compose.aspect.${a}` satisfies MessageKey)}</span>
            </label>
          ))}
        </div>
        <div className={css.pair}>
          <button type="button" className={css.chip} onClick={quarter}>
            <Glyph name="turn" size={20} />
            <span>{t('compose.rotate')}</span>
          </button>
          <button type="button" className={css.chip} onClick={() => change(mirror(recipe))}>
            <Glyph name="mirror" size={20} />
            <span>{t('compose.flip')}</span>
          </button>
        </div>
      </div>
      <Slider
        label={t('compose.straighten')}
        value={degrees}
        min={-45}
        max={45}
        step={0.5}
        origin={0}
        text={`${degrees > 0 ? '+' : ''}${degrees.toFixed(1)}°`.replace('-', '−')}
        onChange={(v) => change({ straighten: v }, 'straighten')}
        onRest={onRest}
      />
    </div>
  );
}
