import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { copyText } from '../ui/clipboard';
import { Choice, Field } from '../ui/Field';
import { Dialog, FormActions } from '../ui/Dialog';
import { FormError } from '../ui/FormError';
import { useToast } from '../ui/Toasts';
import { keys, links } from './api';
import { expiry, type Until } from './expiry';
import './collect.css';
import './messages';

/** Makes a secret link to a post or an album. */
export default function ShareSecret({ of, onClose }: { of: { media_id: string } | { album_id: string }; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [until, setUntil] = useState<Until>('week');
  const [date, setDate] = useState('');
  const make = useMutation({
    mutationFn: () => links.add(of, expiry(until, date)),
    onSuccess: async (link) => {
      void client.invalidateQueries({ queryKey: keys.links });
      if (await copyText(link.url)) toast.say(t('share.copied'));
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (until !== 'date' || date !== '') make.mutate();
  };
  return (
    <Dialog title={t('link.title')} onClose={onClose}>
      {make.data ? (
        <>
          <Field label={t('link.ready')} value={make.data.url} readOnly onFocus={(e) => e.target.select()} />
          <p className="dialog__text">
            <Link href="/settings/links" onClick={onClose}>
              {t('link.list')}
            </Link>
          </p>
          <div className="dialog__actions">
            <Button kind="quiet" onClick={async () => void ((await copyText(make.data.url)) && toast.say(t('share.copied')))}>
              {t('link.copy')}
            </Button>
            <Button onClick={onClose}>{t('collection.done')}</Button>
          </div>
        </>
      ) : (
        <form className="form" onSubmit={submit}>
          <p className="dialog__text">{t('media_id' in of ? 'link.leadPost' : 'link.leadAlbum')}</p>
          <Choice legend={t('link.until')} value={until} onChange={setUntil}
            options={(['day', 'week', 'month', 'date', 'never'] as const).map((value) => ({ value, label: t(`link.${value}`) }))} />
          {until === 'date' && <Field label={t('link.on')} type="date" required value={date} onChange={(e) => setDate(e.target.value)} />}
          <FormError error={make.error} fields={[]} />
          <FormActions action={t('link.create')} busy={make.isPending} onClose={onClose} />
        </form>
      )}
    </Dialog>
  );
}
