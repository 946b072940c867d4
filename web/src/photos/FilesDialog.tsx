import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import * as api from '../api/endpoints';
import { useI18n } from '../i18n';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { files, type KeptFile, type KeptPicture } from './api';
import { bytes, typeName } from './bytes';
import './messages';
import './photos.css';

/** For the owner: what is kept of each picture of a post, and the way to the originals. */
export default function FilesDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useI18n();
  const query = useQuery({ queryKey: ['files', id], queryFn: () => files(id), staleTime: 0 });
  return (
    <Dialog title={t('photos.filesTitle')} onClose={onClose} sheet>
      <div className="files">
        {query.isPending && <Spinner />}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && (
          <ol className="files__list">
            {query.data.map((p, n) => (
              <Picture key={n} id={id} n={n} of={query.data.length} picture={p} />
            ))}
          </ol>
        )}
        <p className="files__more">
          <Link href="/about/photos" onClick={onClose}>
            {t('photos.link')}
          </Link>
        </p>
      </div>
    </Dialog>
  );
}

function Picture({ id, n, of, picture }: { id: string; n: number; of: number; picture: KeptPicture }) {
  const { t, locale } = useI18n();
  const o = picture.original;
  const total = picture.renditions.reduce((sum, r) => sum + r.bytes, 0);
  const formats = [...new Set(picture.renditions.map((r) => r.type))];
  return (
    <li className="files__picture">
      {of > 1 && <h3>{t('photos.nth', { n: n + 1 })}</h3>}
      <p>
        {o.width && o.height
          ? t('photos.original', { bytes: bytes(o.bytes, locale), type: typeName(o.type), width: o.width, height: o.height })
          : t('photos.originalOnly', { bytes: bytes(o.bytes, locale), type: typeName(o.type) })}
      </p>
      <p>
        <a className="button button--quiet" href={api.media.originalUrl(id, n)} download>
          <Icon name="download" />
          {t('photos.download')}
        </a>
      </p>
      <table className="files__table">
        <caption>{t('photos.made', { count: picture.renditions.length, bytes: bytes(total, locale) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('photos.pixels')}</th>
            {formats.map((f) => (
              <th key={f} scope="col">
                {typeName(f)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sizesOf(picture.renditions).map((size) => (
            <tr key={size.size}>
              <th scope="row">
                {size.width} × {size.height}
              </th>
              {formats.map((f) => {
                const r = picture.renditions.find((x) => x.size === size.size && x.type === f);
                return <td key={f}>{r ? bytes(r.bytes, locale) : '–'}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </li>
  );
}

/** One file of each size, in the order in which they come. */
function sizesOf(list: KeptFile[]): KeptFile[] {
  return list.filter((r, i) => list.findIndex((x) => x.size === r.size) === i);
}
