import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useT, type MessageKey } from '../i18n';
import { Choice, Switch } from '../ui/Field';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { activity, activityKeys } from './api';
import type { ChoicePatch, Choices, Circle, NotifyKind } from './types';
import './activity.css';
import './messages';

const kinds: readonly { kind: NotifyKind; label: MessageKey }[] = [
  { kind: 'likes', label: 'activity.s.likes' },
  { kind: 'comments', label: 'activity.s.comments' },
  { kind: 'follows', label: 'activity.s.follows' },
  { kind: 'mentions', label: 'activity.s.mentions' },
  { kind: 'tags', label: 'activity.s.tagged' },
];

/** Who may tag and mention me, what others are told of me, and what I want to hear of. Each change is saved at once. */
export default function ActivitySettings() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const query = useQuery({ queryKey: activityKeys.choices, queryFn: activity.choices });
  const save = useMutation({
    mutationFn: activity.choose,
    onMutate: (patch) => {
      const before = query.data;
      if (before) client.setQueryData<Choices>(activityKeys.choices, { ...before, ...patch, notify: { ...before.notify, ...patch.notify } });
      return before;
    },
    onSuccess: (fresh) => {
      client.setQueryData(activityKeys.choices, fresh);
      toast.say(t('activity.s.saved'));
    },
    onError: (error, _, before) => {
      client.setQueryData(activityKeys.choices, before);
      toast.fail(error);
    },
  });
  const now = query.data;
  if (query.isPending) return <Spinner />;
  if (!now) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const set = (patch: ChoicePatch) => save.mutate(patch);
  const circles: readonly { value: Circle; label: string }[] = [
    { value: 'everyone', label: t('activity.s.everyone') },
    { value: 'following', label: t('activity.s.following') },
    { value: 'nobody', label: t('activity.s.nobody') },
  ];
  return (
    <>
      <Choice legend={t('activity.s.tagsFrom')} value={now.tags_from} options={circles} onChange={(tags_from) => set({ tags_from })} />
      <Switch label={t('activity.s.approve')} checked={now.approve_tags} onChange={(approve_tags) => set({ approve_tags })} />
      <div>
        <Choice legend={t('activity.s.mentionsFrom')} value={now.mentions_from} options={circles} onChange={(mentions_from) => set({ mentions_from })} />
        <p className="field__hint">{t('activity.s.mentionsHint')}</p>
      </div>
      <Switch label={t('activity.s.show')} hint={t('activity.s.showHint')} checked={now.show_activity} onChange={(show_activity) => set({ show_activity })} />
      <section className="settings__part">
        <h3>{t('activity.s.hear')}</h3>
        {kinds.map(({ kind, label }) => (
          <div key={kind} className="field activity-kind">
            <label htmlFor={`hear-${kind}`}>{t(label)}</label>
            <select id={`hear-${kind}`} value={now.notify[kind]} onChange={(e) => set({ notify: { [kind]: e.currentTarget.value as Circle } })}>
              <option value="everyone">{t('activity.s.fromEveryone')}</option>
              <option value="following">{t('activity.s.fromFollowing')}</option>
              <option value="nobody">{t('activity.s.off')}</option>
            </select>
          </div>
        ))}
        <p className="field__hint">{t('activity.s.hearHint')}</p>
      </section>
    </>
  );
}
