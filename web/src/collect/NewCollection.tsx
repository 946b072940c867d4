import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { FormError } from '../ui/FormError';
import { fieldError } from '../ui/formErrors';
import { collections, keys } from './api';
import type { Collection } from './types';
import './collect.css';
import './messages';

/** A name and a button: makes a collection. */
export function NewCollection({ onMade }: { onMade: (c: Collection) => void }) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: collections.add,
    onSuccess: (c) => {
      setName('');
      void client.invalidateQueries({ queryKey: keys.collections });
      onMade(c);
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (name.trim() !== '') add.mutate(name);
  };
  return (
    <form className="new-collection" onSubmit={submit}>
      <Field label={t('collection.new')} value={name} maxLength={60} autoComplete="off" placeholder={t('collection.name')} error={fieldError(t, add.error, 'name')} onChange={(e) => setName(e.target.value)} />
      <Button type="submit" kind="quiet" busy={add.isPending}>
        {t('collection.create')}
      </Button>
      <FormError error={add.error} fields={['name']} />
    </form>
  );
}
