import { ApiError } from '../api/client';
import type { T } from '../i18n';
import { errorText } from './States';

/** The server's sentence about this field, if the error is about it. */
export function fieldError(t: T, error: unknown, field: string): string | undefined {
  return error instanceof ApiError && error.field === field ? errorText(t, error) : undefined;
}

/** The sentence for the whole form: of any error that is not about one of the form's own fields. */
export function formError(t: T, error: unknown, fields: readonly string[]): string | undefined {
  if (!error) return undefined;
  if (error instanceof ApiError && error.field !== undefined && fields.includes(error.field)) return undefined;
  return errorText(t, error);
}
