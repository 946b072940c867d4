import { addWords } from '../i18n/words';

/** The words of people in pictures. zh must have the keys of en. */
const en = {
  'inphoto.show': '{count, plural, one {# person is in this photo} other {# people are in this photo}}',
  'inphoto.list': 'People in this photo',
  'inphoto.leave': 'Take me out',
  'inphoto.left': 'You are no longer tagged in this photo.',
  'inphoto.title': 'Tag people',
  'inphoto.open': 'Tag people',
  'inphoto.openOf': 'Tag people in photo {n, number}',
  'inphoto.count': '{count, plural, =0 {nobody tagged} one {# person tagged} other {# people tagged}}',
  'inphoto.hint': 'Tap the photo where somebody is, then find them. Drag a name to move it, or use the arrow keys.',
  'inphoto.stage': 'The photo: press Enter to tag somebody in its middle',
  'inphoto.search': 'Who is this?',
  'inphoto.placeholder': 'Name',
  'inphoto.found': '{count, plural, =0 {Nobody found} one {# person found, arrow keys choose} other {# people found, arrow keys choose}}',
  'inphoto.choices': 'People of that name',
  'inphoto.pin': '{name}, {x, number}% across, {y, number}% down. Arrow keys move it, Delete takes it away.',
  'inphoto.remove': 'Take the tag of {name} away',
  'inphoto.waiting': 'Has not said yes',
  'inphoto.full': 'A photo may have 20 people.',
  'inphoto.cancel': 'Nobody here',
  'inphoto.done': 'Done',
} as const;

export type InPhotoKey = keyof typeof en;

const zh: Record<InPhotoKey, string> = {
  'inphoto.show': '{count, plural, other {照片中有 # 人}}',
  'inphoto.list': '照片中的人',
  'inphoto.leave': '移除我',
  'inphoto.left': '您已不在这张照片的标记中。',
  'inphoto.title': '标记用户',
  'inphoto.open': '标记用户',
  'inphoto.openOf': '在第 {n, number} 张照片中标记用户',
  'inphoto.count': '{count, plural, =0 {未标记任何人} other {已标记 # 人}}',
  'inphoto.hint': '点按照片中某人的位置，再查找对方。拖动名字或用方向键可移动。',
  'inphoto.stage': '照片：按回车键可在正中标记一人',
  'inphoto.search': '这是谁？',
  'inphoto.placeholder': '姓名',
  'inphoto.found': '{count, plural, =0 {没有找到} other {找到 # 人，可用方向键选择}}',
  'inphoto.choices': '同名的用户',
  'inphoto.pin': '{name}，横向 {x, number}%，纵向 {y, number}%。方向键移动，Delete 键移除。',
  'inphoto.remove': '移除 {name} 的标记',
  'inphoto.waiting': '尚未同意',
  'inphoto.full': '一张照片最多标记 20 人。',
  'inphoto.cancel': '取消',
  'inphoto.done': '完成',
};

export const words = addWords({ en, zh });
