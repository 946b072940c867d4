import type { Media } from '../api/types';
import AddToAlbum from './AddToAlbum';
import PickCollections from './PickCollections';
import ShareSecret from './ShareSecret';

/** What the menu of a post opens of this part of the app. */
export default function PostDialogs({ what, media, onClose }: { what: 'collect' | 'album' | 'secret'; media: Media; onClose: () => void }) {
  switch (what) {
    case 'collect':
      return <PickCollections media={media} onClose={onClose} />;
    case 'album':
      return <AddToAlbum media={media} onClose={onClose} />;
    case 'secret':
      return <ShareSecret of={{ media_id: media.id }} onClose={onClose} />;
  }
}
