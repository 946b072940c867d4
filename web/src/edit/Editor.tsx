import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useT, type MessageKey } from '../i18n';
import { AdjustTool } from './AdjustTool';
import { CropOverlay } from './CropOverlay';
import { CropTool } from './CropTool';
import { FilterTool } from './FilterTool';
import { FocusOverlay, FocusTool } from './FocusTool';
import { Glyph, type GlyphName } from './glyphs';
import { edit, reset, rest, undo, type Edits } from './history';
import type { Aspect } from './aspects';
import { PhotoCanvas } from './PhotoCanvas';
import type { Source } from './preview';
import type { Recipe } from './recipe';
import { useHold } from './useHold';
import css from './editor.module.css';
import '../compose/messages';

const tools = [
  { id: 'filter', glyph: 'filter' },
  { id: 'crop', glyph: 'crop' },
  { id: 'adjust', glyph: 'adjust' },
  { id: 'focus', glyph: 'focus' },
] as const satisfies readonly { id: string; glyph: GlyphName }[];
export type Tool = (typeof tools)[number]['id'];

interface Props {
  /** Says which photo it is. */
  photo: string;
  /** Null while there is nothing to show; then blank says why. */
  source: Source | null;
  blank: ReactNode;
  edits: Edits;
  onEdits: (change: (e: Edits) => Edits) => void;
  tool: Tool;
  onTool: (t: Tool) => void;
  /** The shape the crop is held to. */
  aspect: Aspect;
  onAspect: (a: Aspect) => void;
  /** Gives the filter and adjustments to all photos; undefined where there is but one. */
  onAll: (() => void) | undefined;
  /** What the picture is called, for those who do not see it. */
  label: string;
  /** Stands beside undo and reset. */
  actions?: ReactNode;
  /** Lies between the picture and the tools. */
  children?: ReactNode;
}

/** One photo and its tools. What it shows is what is stored. */
export function Editor({ photo, source, blank, edits, onEdits, tool, onTool, aspect, onAspect, onAll, label, actions, children }: Props) {
  const t = useT();
  const id = useId();
  const compare = useHold();

  const recipe: Recipe = edits.now ?? {};
  const change = (patch: Partial<Recipe>, gesture: string | null = null) => onEdits((e) => edit(e, { ...e.now, ...patch }, gesture));
  const onRest = () => onEdits(rest);
  const cropping = tool === 'crop' && !compare.held;
  // While cropping, what depends on the crop's own frame would mislead.
  const shown = cropping ? { ...recipe, vignette: 0, tilt_shift: null } : compare.held ? geometryOnly(recipe) : edits.now;

  return (
    <div className={css.editor}>
      <div className={css.stage}>
        {source ? (
          <PhotoCanvas key={photo} source={source} recipe={shown} whole={cropping} label={compare.held ? t('compose.stage.before', { name: label }) : label}>
            {cropping && <CropOverlay source={source} recipe={recipe} aspect={aspect} onCrop={(crop) => change({ crop }, 'crop')} onRest={onRest} />}
            {tool === 'focus' && !compare.held && <FocusOverlay recipe={recipe} change={change} onRest={onRest} />}
            {!cropping && tool !== 'focus' && <div className={css.press} {...compare.pointer} />}
          </PhotoCanvas>
        ) : (
          blank
        )}
        <div className={css.stageTools}>
          <button type="button" className={css.chip} aria-pressed={compare.held} disabled={!edits.now} {...compare.pointer} {...compare.keys}>
            <Glyph name="compare" size={20} />
            <span>{t('compose.compare')}</span>
          </button>
          <button type="button" className={css.chip} disabled={edits.past.length === 0} onClick={() => onEdits(undo)}>
            <Glyph name="undo" size={20} />
            <span>{t('compose.undo')}</span>
          </button>
          <button type="button" className={css.chip} disabled={!edits.now} onClick={() => { onEdits(reset); onAspect('original'); }}>
            <Glyph name="reset" size={20} />
            <span>{t('compose.reset')}</span>
          </button>
          <span className={css.spacer} />
          {actions}
        </div>
      </div>
      {children}
      <div className={css.tools}>
        <Tabs id={id} tool={tool} onTool={onTool} />
        <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tool}`} className={css.panel}>
          {tool === 'filter' && source && <FilterTool source={source} recipe={recipe} change={change} onRest={onRest} />}
          {tool === 'crop' && source && <CropTool source={source} recipe={recipe} change={change} onRest={onRest} aspect={aspect} onAspect={onAspect} />}
          {tool === 'adjust' && <AdjustTool recipe={recipe} change={change} onRest={onRest} />}
          {tool === 'focus' && <FocusTool recipe={recipe} change={change} onRest={onRest} />}
          {onAll && edits.now && (tool === 'filter' || tool === 'adjust') && (
            <button type="button" className={`${css.chip} ${css.all}`} onClick={onAll}>
              {t('compose.all')}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

/** What a tool is given. A gesture gathers many small changes into one step of undo, until onRest. */
export interface ToolProps {
  recipe: Recipe;
  change: (patch: Partial<Recipe>, gesture?: string | null) => void;
  onRest: () => void;
}

function geometryOnly({ rotate, flip, straighten, crop }: Recipe): Recipe {
  return { ...(rotate ? { rotate } : {}), ...(flip ? { flip } : {}), ...(straighten ? { straighten } : {}), ...(crop ? { crop } : {}) };
}

function Tabs({ id, tool, onTool }: { id: string; tool: Tool; onTool: (tool: Tool) => void }) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (e: KeyboardEvent) => {
    const at = tools.findIndex((x) => x.id === tool);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tools.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const next = tools[(to + tools.length) % tools.length]!;
    onTool(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tool="${next.id}"]`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={t('compose.tools')} className={css.tabs}>
      {tools.map((x) => (
        <button
          key={x.id}
          type="button"
          role="tab"
          id={`${id}-${x.id}`}
          data-tool={x.id}
          aria-selected={x.id === tool}
          {...(x.id === tool ? { 'aria-controls': `${id}-panel` } : {})}
          tabIndex={x.id === tool ? 0 : -1}
          className={css.tab}
          onClick={() => onTool(x.id)}
          onKeyDown={onKeyDown}
        >
          <Glyph name={x.glyph} />
          <span>{t(`compose.tool.${x.id}` satisfies MessageKey)}</span>
        </button>
      ))}
    </div>
  );
}
