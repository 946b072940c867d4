/** The shapes that a crop can be held to. */
import { geometry, type Size } from './geometry';
import type { Recipe } from './recipe';

export const aspects = ['original', 'free', '1:1', '4:5', '16:9'] as const;
export type Aspect = (typeof aspects)[number];

/** Width over height in pixels; null for free. */
export function ratioOf(aspect: Aspect, frame: Size): number | null {
  switch (aspect) {
    case 'free':
      return null;
    case 'original':
      return frame.width / frame.height;
    case '1:1':
      return 1;
    case '4:5':
      return 4 / 5;
    case '16:9':
      return 16 / 9;
  }
}

/** The shape that the crop of a recipe seems to have been held to. */
export function aspectOf(recipe: Recipe | null, source: Size): Aspect {
  if (!recipe?.crop) return 'original';
  const g = geometry(recipe, source.width, source.height);
  const ratio = (recipe.crop.w * g.frame.width) / (recipe.crop.h * g.frame.height);
  return aspects.find((a) => Math.abs((ratioOf(a, g.frame) ?? 0) - ratio) < 0.005 * ratio) ?? 'free';
}
