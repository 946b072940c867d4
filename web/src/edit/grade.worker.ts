/** Grades off the main thread, so that sliders stay smooth under a thumb. */
import { grade } from './grade';
import type { Recipe } from './recipe';

export interface GradeRequest {
  id: number;
  recipe: Recipe | null;
  pixels: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

export interface GradeReply {
  id: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

// The worker's own global; the page's types are loaded here.
const scope = self as unknown as {
  onmessage: ((e: MessageEvent<GradeRequest>) => void) | null;
  postMessage: (reply: GradeReply, transfer: Transferable[]) => void;
};

scope.onmessage = ({ data: { id, recipe, pixels, width, height } }) => {
  grade(recipe, pixels, width, height, 4);
  scope.postMessage({ id, pixels }, [pixels.buffer]);
};
