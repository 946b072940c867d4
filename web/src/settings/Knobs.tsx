import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Knob } from '../api/types';
import { useT, type MessageKey, type T } from '../i18n';
import { useFormat } from '../i18n/format';
import { Button } from '../ui/Button';
import { Field, Switch } from '../ui/Field';
import { fieldError, formError } from '../ui/formErrors';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { words as said } from './messages';

/** What can be changed while the site runs. Who may sign up has a place of its own above. */
export function Knobs() {
  const t = useT();
  const query = useQuery({ queryKey: ['admin', 'knobs'], queryFn: api.admin.knobs });
  const of = (kind: Knob['kind']) => query.data?.items.filter((k) => k.kind === kind) ?? [];
  return (
    <section className="settings__part" aria-labelledby="knobs-title">
      <h3 id="knobs-title">{t('knobs.title')}</h3>
      <p className="settings__lead">{t('knobs.lead')}</p>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && (
        <>
          <Group title={t('knobs.switches')}>{of('switch').map((k) => <SwitchKnob key={k.name} knob={k} />)}</Group>
          <Group title={t('knobs.numbers')}>{of('number').map((k) => <NumberKnob key={`${k.name} ${k.value}`} knob={k} />)}</Group>
        </>
      )}
    </section>
  );
}

function Group({ title, children }: { title: string; children: ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <div className="knobs">
      <h4>{title}</h4>
      {children}
    </div>
  );
}

/** The words for a knob: of the catalogue, or the server's for one that it does not have. */
function words(t: T, k: Knob): { label: string; hint: string } {
  const label = `knob.${k.name}`;
  if (!(label in said.en)) return { label: k.name, hint: k.help };
  return { label: t(label as MessageKey), hint: t(`${label}.hint` as MessageKey) };
}

function useTurn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.admin.turnKnobs,
    onSuccess: (fresh) => {
      client.setQueryData(['admin', 'knobs'], fresh);
      void client.invalidateQueries({ queryKey: keys.site });
    },
  });
}

/** Who turned it and when, and how to turn it back. */
function Turned({ knob, busy, onReset }: { knob: Knob; busy: boolean; onReset: () => void }) {
  const t = useT();
  const { dateTime } = useFormat();
  if (!knob.set) return null;
  const date = knob.changed_time ? dateTime(knob.changed_time) : '';
  const name = knob.changed_by?.username ?? knob.changed_via;
  const value = knob.kind === 'switch' ? t(knob.default === 'on' ? 'knobs.on' : 'knobs.off') : knob.default;
  return (
    <p className="knob__turned">
      {name ? t('knobs.turnedBy', { name, date }) : t('knobs.turned', { date })}{' '}
      <Button kind="text" busy={busy} aria-label={t('knobs.resetName', { name: words(t, knob).label, value })} onClick={onReset}>
        {t('knobs.reset', { value })}
      </Button>
    </p>
  );
}

function SwitchKnob({ knob }: { knob: Knob }) {
  const toast = useToast();
  const t = useT();
  const turn = useTurn();
  const { label, hint } = words(t, knob);
  return (
    <div className="knob">
      <Switch
        label={label}
        hint={hint}
        checked={knob.value === 'on'}
        disabled={turn.isPending}
        onChange={(on) => turn.mutate({ set: { [knob.name]: on ? 'on' : 'off' } }, { onError: toast.fail })}
      />
      <Turned knob={knob} busy={turn.isPending} onReset={() => turn.mutate({ reset: [knob.name] }, { onError: toast.fail })} />
    </div>
  );
}

function NumberKnob({ knob }: { knob: Knob }) {
  const t = useT();
  const toast = useToast();
  const turn = useTurn();
  const [value, setValue] = useState(knob.value);
  const { label, hint } = words(t, knob);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    turn.mutate({ set: { [knob.name]: value } }, { onSuccess: () => toast.say(t('settings.saved')) });
  };
  const error = fieldError(t, turn.error, knob.name) ?? formError(t, turn.error, []);
  return (
    <form className="knob" onSubmit={submit} noValidate>
      <Field
        label={label}
        hint={`${hint} ${knob.zero ? t('knobs.rangeOrNone', { min: knob.min, max: knob.max }) : t('knobs.range', { min: knob.min, max: knob.max })}`}
        error={error}
        inputMode="numeric"
        autoComplete="off"
        value={value}
        onChange={(e) => setValue(e.target.value)}
      />
      {value !== knob.value && (
        <Button type="submit" kind="quiet" busy={turn.isPending} aria-label={t('knobs.saveName', { name: label })}>
          {t('action.save')}
        </Button>
      )}
      <Turned knob={knob} busy={turn.isPending} onReset={() => turn.mutate({ reset: [knob.name] }, { onError: toast.fail })} />
    </form>
  );
}
