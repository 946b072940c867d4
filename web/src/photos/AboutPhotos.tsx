import { useQuery } from '@tanstack/react-query';
import { useI18n } from '../i18n';
import { useSelf } from '../session';
import { PageHead } from '../shell/PageHead';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { pictureRules, type PictureRules } from './api';
import { bytes, typeName } from './bytes';
import './messages';
import './photos.css';

/** /about/photos: exactly what happens to a photo, by the settings of this site. */
export default function AboutPhotos() {
  const { t } = useI18n();
  const self = useSelf();
  useTitle(t('photos.title'));
  const query = useQuery({ queryKey: ['picture-rules'], queryFn: pictureRules });
  return (
    <>
      <PageHead title={t('photos.title')} back />
      <article className="about">
        {/* The head of the page shows visitors the sign of the site, and says its heading to screen readers alone. */}
        {self === null && (
          <p className="about__title" aria-hidden="true">
            {t('photos.title')}
          </p>
        )}
        {query.isPending && <Spinner />}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && <Steps rules={query.data} />}
      </article>
    </>
  );
}

function Steps({ rules }: { rules: PictureRules }) {
  const { t, locale } = useI18n();
  const list = (items: string[]) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items);
  const sizes = (demand: boolean) =>
    list(rules.sizes.filter((s) => s.on_demand === demand).map((s) => t(s.square ? 'photos.square' : 'photos.wide', { width: s.width })));
  const [first, ...later] = rules.formats;
  const named = (f: PictureRules['formats'][number]) => t('photos.format', { type: typeName(f.type), quality: f.quality });
  const steps: readonly [string, string[]][] = [
    [t('photos.sent'), [
      t('photos.sentText', { types: list(rules.accepts.map(typeName)), bytes: bytes(rules.upload_bytes, locale), megapixels: rules.megapixels }),
      t('photos.sentChecked'),
      t('photos.sentUnused', { hours: rules.unused_hours }),
    ]],
    [t('photos.keeps'), [t('photos.keepsText'), t('photos.keepsWho')]],
    [t('photos.makes'), [
      t('photos.makesText', { sizes: sizes(false), format: first ? named(first) : '' }),
      ...(later.length > 0 ? [t('photos.makesLater', { formats: list(later.map(named)) })] : []),
      t('photos.makesDemand', { sizes: sizes(true) }),
      t('photos.makesColour'),
    ]],
    [t('photos.removed'), [t('photos.removedText'), t('photos.removedCamera'), t('photos.removedPlace')]],
    [t('photos.seen'), [t('photos.seenText'), t('photos.seenPrivate')]],
    [t('photos.gone'), [t('photos.goneText')]],
  ];
  return (
    <ol className="about__steps">
      {steps.map(([title, texts]) => (
        <li key={title}>
          <h2>{title}</h2>
          {texts.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </li>
      ))}
    </ol>
  );
}
