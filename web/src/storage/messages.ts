import { addWords } from '../i18n/words';

/** The words on the room that files take. zh must have the keys of en. */
const en = {
  'storage.title': 'Storage',
  'storage.mine': 'Your files take {bytes}.',
  'storage.none': 'You have no files here yet.',
  'storage.about': 'What happens to a photo here',
  'storage.aboutText': 'Your originals are kept unchanged. The copies that are shown are made from them.',
  'storage.site': 'Storage of the site',
  'storage.used': '{used} of {limit} are used.',
  'storage.usedAll': '{used} are used. There is no limit.',
  'storage.high': 'More than 80 % is used. Think of more room, or raise the limit.',
  'storage.urgent': 'More than 90 % is used. What can be made again is being deleted, the oldest first: pictures in AVIF and WebP, then large JPEGs.',
  'storage.full': 'The limit is reached. No photos are taken until there is room; everything else goes on.',
  'storage.change': 'Change the limit',
  'storage.changeText': 'The limit is the knob “Storage (GB)” among the knobs.',
  'storage.files': 'Files, by kind',
  'storage.databases': 'Databases',
  'storage.originals': 'Originals of posts',
  'storage.uploads': 'Uploads not yet published',
  'storage.jpeg': 'Copies in JPEG',
  'storage.avif': 'Copies in AVIF',
  'storage.webp': 'Copies in WebP',
  'storage.avatars': 'Profile pictures',
  'storage.exports': 'Archives of data, besides originals',
  'storage.imports': 'Archives brought from elsewhere',
} as const;

export type StorageKey = keyof typeof en;

const zh: Record<StorageKey, string> = {
  'storage.title': '存储空间',
  'storage.mine': '您的文件占用 {bytes}。',
  'storage.none': '您在这里还没有文件。',
  'storage.about': '照片在这里会经历什么',
  'storage.aboutText': '您的原图原样保留；展示用的副本由原图生成。',
  'storage.site': '本站的存储空间',
  'storage.used': '已使用 {used}，上限 {limit}。',
  'storage.usedAll': '已使用 {used}，没有上限。',
  'storage.high': '已使用超过 80 %。请考虑增加空间或提高上限。',
  'storage.urgent': '已使用超过 90 %。正在删除可以重新生成的内容，最旧的先删：先是 AVIF 和 WebP 图片，然后是大尺寸 JPEG。',
  'storage.full': '已达上限。在有空间之前不接受照片；其他一切照常。',
  'storage.change': '更改上限',
  'storage.changeText': '上限是“旋钮”页上的“存储空间（GB）”一项。',
  'storage.files': '按类型分的文件',
  'storage.databases': '数据库',
  'storage.originals': '帖子的原图',
  'storage.uploads': '尚未发布的上传',
  'storage.jpeg': 'JPEG 副本',
  'storage.avif': 'AVIF 副本',
  'storage.webp': 'WebP 副本',
  'storage.avatars': '头像',
  'storage.exports': '数据存档（不含原图）',
  'storage.imports': '从别处带来的存档',
};

export const words = addWords({ en, zh });
