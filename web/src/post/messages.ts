import { addWords } from '../i18n/words';

/** The words of the dialogs about a post that are loaded when they open. zh must have the keys of en. */
const en = {
  'edit.title': 'Edit post',
  'edit.caption': 'Caption',
  'edit.place': 'Place',
  'edit.pictures': 'Photos in their order',
  'edit.alt': 'Description (alt text)',
  'edit.altOf': 'Description of photo {n} (alt text)',
  'edit.altHint': 'Say what is in the photo, for people who cannot see it.',
  'edit.earlier': 'Move photo {n} up',
  'edit.later': 'Move photo {n} down',
  'edit.point': 'Position',
  'edit.pointKeep': 'Keep it as it is ({at})',
  'edit.pointCoarse': 'Only about where (1 km)',
  'edit.pointNone': 'Remove it',
  'edit.onMap': 'On my photo map',
  'edit.pointHint': 'The exact position is deleted for good if you choose “about where”.',
} as const;

export type PostKey = keyof typeof en;

const zh: Record<PostKey, string> = {
  'edit.title': '编辑帖子',
  'edit.caption': '说明',
  'edit.place': '地点',
  'edit.pictures': '按顺序排列的照片',
  'edit.alt': '图片描述（替代文本）',
  'edit.altOf': '第 {n} 张照片的描述（替代文本）',
  'edit.altHint': '写下照片里有什么，供看不见的人了解。',
  'edit.earlier': '将第 {n} 张照片上移',
  'edit.later': '将第 {n} 张照片下移',
  'edit.point': '位置',
  'edit.pointKeep': '保持不变（{at}）',
  'edit.pointCoarse': '只显示大致位置（约 1 公里）',
  'edit.pointNone': '移除位置',
  'edit.onMap': '放到我的照片地图上',
  'edit.pointHint': '选择“大致位置”后，精确位置将被永久删除。',
};

export const words = addWords({ en, zh });
