import { useT } from '../i18n';
import { Choice } from '../ui/Field';
import type { Commenters } from './types';
import './messages';

const all = ['everyone', 'following', 'followers', 'nobody'] as const;

interface Props {
  /** Absent: of a post that says nothing of its own. */
  value: Commenters | undefined;
  /** Whether what the settings say is among the choices. */
  ofPost?: boolean;
  onChange: (who: Commenters) => void;
}

/** Who may comment: on one post, or on all that do not say so themselves. */
export function WhoMayComment({ value, ofPost = false, onChange }: Props) {
  const t = useT();
  const options = (ofPost ? (['default', ...all] as const) : all).map((who) => ({ value: who, label: t(`comments.${who}`) }));
  return <Choice legend={t(ofPost ? 'comments.postWho' : 'comments.who')} value={value ?? 'default'} options={options} onChange={onChange} />;
}
