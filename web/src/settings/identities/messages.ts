import { addWords } from '../../i18n/words';

/** The words of accounts elsewhere by which one signs in. zh must have the keys of en. */
const en = {
  'identities.title': 'Accounts elsewhere',
  'identities.lead': 'Sign in here with an account that you have on another site.',
  'identities.linked': 'connected {date}',
  'identities.gone': 'This site no longer signs anybody in by it.',
  'identities.connect': 'Connect {name}',
  'identities.connectText': 'First your password here; then {name} asks whether it may say who you are.',
  'identities.disconnect': 'Disconnect',
  'identities.disconnectName': 'Disconnect {name}',
  'identities.disconnectTitle': 'Disconnect {name}?',
  'identities.disconnectText': 'You can no longer sign in here with it.',
  'identities.disconnected': 'Disconnected',
  'identities.passwordFirst': 'You have no password here yet. Set one above, then you can connect and disconnect accounts.',
  'identities.noPassword': 'You sign in with an account elsewhere and have no password here yet. Set one to have a second way in, and to change what asks for it. If you signed in a while ago, sign in once more first.',
  'identities.setPassword': 'Set a password',
};

export type IdentitiesKey = keyof typeof en;

const zh: Record<IdentitiesKey, string> = {
  'identities.title': '其他网站的账号',
  'identities.lead': '用您在其他网站的账号登录本站。',
  'identities.linked': '关联于 {date}',
  'identities.gone': '本站已不再支持用它登录。',
  'identities.connect': '关联 {name}',
  'identities.connectText': '请先输入您在本站的密码；然后 {name} 会询问是否可以告知您的身份。',
  'identities.disconnect': '取消关联',
  'identities.disconnectName': '取消关联 {name}',
  'identities.disconnectTitle': '取消关联 {name}？',
  'identities.disconnectText': '此后不能再用它登录本站。',
  'identities.disconnected': '已取消关联',
  'identities.passwordFirst': '您在本站还没有密码。请先在上方设置，然后才能关联或取消关联账号。',
  'identities.noPassword': '您用其他网站的账号登录，在本站还没有密码。设置密码后，您就多一种登录方式，也能更改需要密码的设置。如果登录已有一段时间，请先重新登录。',
  'identities.setPassword': '设置密码',
};

export const words = addWords({ en, zh });
