import { addWords } from '../../i18n/words';

/** The words of passkeys. zh must have the keys of en. */
const en = {
  'passkeys.title': 'Passkeys',
  'passkeys.lead': 'Sign in with your phone, your computer or a security key, without a password. A passkey works on this site alone, so nobody can phish it. Your password goes on working beside it.',
  'passkeys.cannot': 'This browser has no passkeys.',
  'passkeys.none': 'You have none yet.',
  'passkeys.add': 'Add a passkey',
  'passkeys.addText': 'First your password and a name for it; then the browser asks for the rest.',
  'passkeys.name': 'Name of the passkey',
  'passkeys.nameHint': 'So that you know it again: “My phone”, “Blue key”.',
  'passkeys.added': 'Passkey added',
  'passkeys.created': 'added {date}',
  'passkeys.used': 'last used {date}',
  'passkeys.unused': 'never used',
  'passkeys.rename': 'Rename',
  'passkeys.renameName': 'Rename {name}',
  'passkeys.remove': 'Remove',
  'passkeys.removeName': 'Remove {name}',
  'passkeys.removeTitle': 'Remove “{name}”?',
  'passkeys.removeText': 'You can no longer sign in with it.',
  'passkeys.gaveUp': 'Nothing was chosen. Try again when you are ready.',
};

export type PasskeysKey = keyof typeof en;

const zh: Record<PasskeysKey, string> = {
  'passkeys.title': '通行密钥',
  'passkeys.lead': '用手机、电脑或安全密钥登录，无需密码。通行密钥只在本站有效，无法被钓鱼。密码仍可照常使用。',
  'passkeys.cannot': '这个浏览器不支持通行密钥。',
  'passkeys.none': '您还没有通行密钥。',
  'passkeys.add': '添加通行密钥',
  'passkeys.addText': '请先输入密码，并为它取名；其余由浏览器引导。',
  'passkeys.name': '通行密钥的名称',
  'passkeys.nameHint': '便于以后辨认，例如“我的手机”“蓝色密钥”。',
  'passkeys.added': '已添加通行密钥',
  'passkeys.created': '添加于 {date}',
  'passkeys.used': '最近使用于 {date}',
  'passkeys.unused': '从未使用',
  'passkeys.rename': '重命名',
  'passkeys.renameName': '重命名 {name}',
  'passkeys.remove': '移除',
  'passkeys.removeName': '移除 {name}',
  'passkeys.removeTitle': '移除“{name}”？',
  'passkeys.removeText': '此后不能再用它登录。',
  'passkeys.gaveUp': '没有选择任何通行密钥。准备好后请再试一次。',
};

export const words = addWords({ en, zh });
