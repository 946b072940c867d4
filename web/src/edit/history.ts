/** The edits of one photo, and the way back. */
import { canonical, sameRecipe, type Recipe } from './recipe';

export interface Edits {
  now: Recipe | null;
  past: readonly (Recipe | null)[];
  /** The control that is being moved: its many small changes are one step back. */
  gesture: string | null;
}

export const noEdits: Edits = { now: null, past: [], gesture: null };
const most = 50;

export function editsFrom(recipe: Recipe | null): Edits {
  return { now: recipe, past: [], gesture: null };
}

/** Changes the recipe. Changes of one gesture in a row make one step. */
export function edit(e: Edits, recipe: Recipe | null, gesture: string | null): Edits {
  const now = canonical(recipe);
  if (sameRecipe(now, e.now)) return e;
  const past = gesture !== null && gesture === e.gesture ? e.past : [...e.past, e.now].slice(-most);
  return { now, past, gesture };
}

/** The control was let go. */
export function rest(e: Edits): Edits {
  return e.gesture === null ? e : { ...e, gesture: null };
}

export function undo(e: Edits): Edits {
  const last = e.past.at(-1);
  return last === undefined ? e : { now: last, past: e.past.slice(0, -1), gesture: null };
}

/** Back to the photo as it was taken; can be undone too. */
export function reset(e: Edits): Edits {
  return edit(rest(e), null, null);
}
