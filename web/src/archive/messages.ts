import { addWords } from '../i18n/words';

/** The words of the archive. zh must have the keys of en. */
const en = {
  'archive.title': 'Archive',
  'archive.lead': 'Only you see these photos. They keep their likes and comments; bring one back from its menu, and it is where it was.',
  'archive.emptyTitle': 'Nothing is archived',
  'archive.emptyText': 'Archive a photo from its menu to take it off your profile without deleting it.',
} as const;

export type ArchiveKey = keyof typeof en;

const zh: Record<ArchiveKey, string> = {
  'archive.title': '归档',
  'archive.lead': '这些照片只有您能看到，点赞和评论都会保留。可在照片的菜单中将其恢复到原来的位置。',
  'archive.emptyTitle': '没有归档内容',
  'archive.emptyText': '在照片的菜单中选择归档，即可将其从主页移除而不删除。',
};

export const words = addWords({ en, zh });
