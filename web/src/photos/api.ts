import { request } from '../api/client';

/** What happens to a photo here: GET /v1/site/pictures. */
export interface PictureRules {
  accepts: string[];
  upload_bytes: number;
  megapixels: number;
  sizes: { name: string; width: number; square: boolean; on_demand: boolean }[];
  formats: { type: string; quality: number; later: boolean }[];
  unused_hours: number;
}

/** One file of a picture; a rendition has the name of its size. */
export interface KeptFile {
  size?: string;
  type: string;
  width?: number;
  height?: number;
  bytes: number;
}

export interface KeptPicture {
  original: KeptFile;
  renditions: KeptFile[];
}

export const pictureRules = () => request<PictureRules>('GET', '/v1/site/pictures');
export const files = (id: string) => request<KeptPicture[]>('GET', `/v1/media/${encodeURIComponent(id)}/files`);
