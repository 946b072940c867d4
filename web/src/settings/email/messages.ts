import { addWords } from '../../i18n/words';

/** The words of the e-mail address in the settings. zh must have the keys of en. */
const en = {
  'email.none': 'You have given no address. With one you can set a new password if you forget yours, and are told of sign-ins from new devices.',
  'email.lead': 'Never shown to anybody.',
  'email.confirmed': 'Confirmed {date}.',
  'email.waits': 'Not confirmed yet: follow the link in the letter that we sent.',
  'email.pending': '{email} takes its place once you have followed the link in the letter that we sent there.',
  'email.required': 'On this site, only members with a confirmed address may post, comment, like, follow, and change their profile.',
  'email.again': 'Send the letter again',
  'email.sent': 'A letter is on its way',
  'email.change': 'Change the address',
  'email.add': 'Add an address',
  'email.remove': 'Remove the address',
  'email.changeText': 'We send a letter with a link to the new address. Nothing changes until you follow it.',
  'email.removeText': 'Without an address you cannot set a new password if you forget yours.',
  'email.new': 'New email address',
  'email.ask': 'Send the letter',
};

const zh: Record<keyof typeof en, string> = {
  'email.none': '您没有填写邮箱。有了邮箱，忘记密码时可以重设，新设备登录时也会通知您。',
  'email.lead': '不会向任何人展示。',
  'email.confirmed': '已于 {date} 确认。',
  'email.waits': '尚未确认：请打开我们寄出的信中的链接。',
  'email.pending': '打开寄往 {email} 的信中的链接后，它就会取代现在的邮箱。',
  'email.required': '在本站，只有邮箱已确认的成员才能发布、评论、点赞、关注和修改个人资料。',
  'email.again': '重新发送',
  'email.sent': '信正在寄出',
  'email.change': '更改邮箱',
  'email.add': '添加邮箱',
  'email.remove': '移除邮箱',
  'email.changeText': '我们会向新邮箱寄一封带链接的信。在您打开链接之前，什么都不会改变。',
  'email.removeText': '没有邮箱，忘记密码时就无法重设。',
  'email.new': '新邮箱',
  'email.ask': '发送',
};

export const words = addWords({ en, zh });

export type EmailKey = keyof typeof en;
