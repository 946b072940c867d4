import { addWords } from '../../i18n/words';

/** The words of the pages that letters lead to. zh must have the keys of en. */
const en = {
  'letters.forgotTitle': 'Forgot your password?',
  'letters.forgotLead': 'Enter the email address of your account. If there is one with it, a link to set a new password is on its way.',
  'letters.forgotAction': 'Send the link',
  'letters.sentTitle': 'Look into your mailbox',
  'letters.sentText': 'If {email} is the address of an account here, a letter is on its way to it. The link in it is good for one hour. Nothing there? It may be among the spam, or the account has no address: then ask who runs this site.',
  'letters.resetTitle': 'Set a new password',
  'letters.resetLead': 'Every device where you are signed in is signed out, and every app too.',
  'letters.resetAction': 'Set the password',
  'letters.resetDone': 'Your new password is set. Sign in with it now.',
  'letters.confirmTitle': 'Confirm your email address',
  'letters.confirmLead': 'One press, and the address is known to be yours.',
  'letters.confirmAction': 'Confirm the address',
  'letters.confirmed': '{email} is confirmed.',
  'letters.undoTitle': 'Undo the change of your email address',
  'letters.undoLead': 'For when it was not you who changed it. Your former address comes back, every session ends, the password stops working, and a letter with a link to set a new one goes to that address.',
  'letters.undoAction': 'It was not me: undo it',
  'letters.undone': '{email} is the address of your account again. Look into that mailbox: there is a link to set a new password.',
  'letters.noToken': 'There is no link here to follow. Please open the one in your letter, or copy all of it.',
  'letters.on': 'Go on',
  'letters.again': 'Ask for a new link',
};

const zh: Record<keyof typeof en, string> = {
  'letters.forgotTitle': '忘记密码？',
  'letters.forgotLead': '请输入您账号的邮箱。如果有账号使用它，设置新密码的链接会很快寄到。',
  'letters.forgotAction': '发送链接',
  'letters.sentTitle': '请查看您的邮箱',
  'letters.sentText': '如果 {email} 是本站某个账号的邮箱，一封信正在寄出。信中的链接一小时内有效。没有收到？请看看垃圾邮件；或者该账号没有邮箱，那就请联系本站管理者。',
  'letters.resetTitle': '设置新密码',
  'letters.resetLead': '您登录过的所有设备和应用都会退出登录。',
  'letters.resetAction': '设置密码',
  'letters.resetDone': '新密码已设置，现在请用它登录。',
  'letters.confirmTitle': '确认您的邮箱',
  'letters.confirmLead': '点一下，就能确认这是您的邮箱。',
  'letters.confirmAction': '确认邮箱',
  'letters.confirmed': '{email} 已确认。',
  'letters.undoTitle': '撤销邮箱更改',
  'letters.undoLead': '如果不是您本人更改的，请撤销。原来的邮箱会恢复，所有会话结束，密码失效，设置新密码的链接会寄到该邮箱。',
  'letters.undoAction': '不是我：撤销更改',
  'letters.undone': '{email} 重新成为您账号的邮箱。请查看该邮箱：里面有设置新密码的链接。',
  'letters.noToken': '这里没有可用的链接。请打开信中的链接，或完整复制它。',
  'letters.on': '继续',
  'letters.again': '重新获取链接',
};

export const words = addWords({ en, zh });

export type LettersKey = keyof typeof en;
