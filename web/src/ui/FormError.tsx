import { useT } from '../i18n';
import { formError } from './formErrors';

/** What went wrong with a form as a whole: any error that is not about one of its own fields. */
export function FormError({ error, fields }: { error: unknown; fields: readonly string[] }) {
  const text = formError(useT(), error, fields);
  return text ? (
    <p className="form__error" role="alert">
      {text}
    </p>
  ) : null;
}
