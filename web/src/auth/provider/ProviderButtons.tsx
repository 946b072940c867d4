import { useMutation } from '@tanstack/react-query';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { providers, type Provider } from './api';
import { ProviderError } from './ProviderError';
import './messages';

/** Ways to sign in by accounts elsewhere: each leads away from here. */
export default function ProviderButtons({ list, next }: { list: readonly Provider[]; next: string }) {
  const t = useT();
  const leave = useMutation({
    mutationFn: (p: Provider) => providers.begin(p.id, next === '/' ? '' : next),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  if (list.length === 0) return null;
  return (
    <>
      {list.map((p) => (
        <Button key={p.id} kind="quiet" wide busy={(leave.isPending || leave.isSuccess) && leave.variables.id === p.id} onClick={() => leave.mutate(p)}>
          {t('provider.continue', { name: p.name })}
        </Button>
      ))}
      <ProviderError error={leave.error} />
    </>
  );
}
