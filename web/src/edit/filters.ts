/** The filters as data. filters.json is a copy of internal/imaging/grade/filters.json, which a Go test keeps equal. */
import file from './filters.json';

type Points = number[][];

export interface Filter {
  name: string;
  about: string;
  tone?: Points;
  red?: Points;
  green?: Points;
  blue?: Points;
  matrix?: number[];
  saturation?: number;
  fade?: number;
  tint?: { shadows: number[]; highlights: number[]; amount: number };
  vignette?: number;
}

export const filters: readonly Filter[] = file.filters;
export const filterNames: readonly string[] = filters.map((f) => f.name);

export function filterNamed(name: string | undefined): Filter | undefined {
  return filters.find((f) => f.name === name);
}
