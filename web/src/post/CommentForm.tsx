import { useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { Link } from 'wouter';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { signInPath, useSelf, useSite } from '../session';
import { usePostComment } from './useComments';

/** Where a comment is written: Enter sends, Shift+Enter breaks the line. What could not be sent comes back. */
export function CommentForm({ media }: { media: Media }) {
  const t = useT();
  const self = useSelf();
  const limit = useSite()?.limits.comment ?? 1000;
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const post = usePostComment(media, (lost) => setText((now) => (now === '' ? lost : now)));
  const over = [...text].length - limit;

  if (!self) {
    return (
      <p className="comment-form comment-form--out">
        <Link href={signInPath()}>{t('comment.signIn')}</Link>
      </p>
    );
  }

  if (media.can_comment === false) return <p className="comment-form comment-form--out">{t('comment.limited')}</p>;

  const submit = (e?: FormEvent) => {
    e?.preventDefault();
    const trimmed = text.trim();
    if (trimmed === '' || over > 0) return;
    setText('');
    post(trimmed);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    // While an input method is composing, Enter chooses a word.
    if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing) return;
    e.preventDefault();
    submit();
  };

  return (
    <form className="comment-form" onSubmit={submit}>
      <textarea
        ref={area}
        value={text}
        rows={1}
        data-comment-input=""
        placeholder={t('comment.placeholder')}
        aria-label={t('comment.label', { name: media.user.username })}
        aria-invalid={over > 0 || undefined}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={onKeyDown}
      />
      {over > 0 && (
        <span className="field__count field__count--over" role="status">
          {t('field.over', { count: over })}
        </span>
      )}
      {text.trim() !== '' && (
        <button type="submit" className="comment-form__send" disabled={over > 0}>
          {t('comment.send')}
        </button>
      )}
    </form>
  );
}
