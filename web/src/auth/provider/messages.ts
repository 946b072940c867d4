import { addWords } from '../../i18n/words';

/** The words of signing in by accounts elsewhere. zh must have the keys of en. */
const en = {
  'provider.continue': 'Continue with {name}',
  'provider.signingIn': 'Signing you in …',
  'provider.codeTitle': 'One more step',
  'provider.codeLead': '{name} has said who you are. Your account here also asks for a code.',
  'provider.joinTitle': 'Welcome',
  'provider.joinLead': 'You are signed in at {name}. Choose how people will find you here.',
  'provider.joinEmail': 'You can leave this empty.',
  'provider.joinConfirmed': 'Confirmed by {name}. Another address needs a letter.',
  'provider.noneTitle': 'That did not work',
  'provider.cancelled': 'You did not allow it, so nothing has changed. You can try again, or sign in another way.',
  'provider.refused': 'The other site could not sign you in at the moment. Please try again later, or sign in another way.',
  'provider.again': 'That took too long, was done before, or was begun in another browser. Please begin again.',
  'provider.connectFirst': 'There is an account with your e-mail address here. Sign in to it first, then connect the other one in Settings, Account.',
  'provider.stranger': 'No account here is connected to that one, and nobody joins by it. If you have an account here, sign in to it first, then connect the other one in Settings, Account.',
  'provider.taken': 'That account is connected to another member here already, or you are connected to another account of the same kind.',
  'provider.down': 'The other site cannot be reached at present. Please try again later.',
  'provider.doubt': 'The other site did not confirm who you are. Please begin again.',
  'provider.linked': 'Connected to {name}',
  'provider.back': 'Back to signing in',
  'provider.backSettings': 'Back to the settings',
};

export type ProviderKey = keyof typeof en;

const zh: Record<ProviderKey, string> = {
  'provider.continue': '使用 {name} 继续',
  'provider.signingIn': '正在登录……',
  'provider.codeTitle': '还差一步',
  'provider.codeLead': '{name} 已确认您的身份。您在本站的账号还需要验证码。',
  'provider.joinTitle': '欢迎',
  'provider.joinLead': '您已在 {name} 登录。请选择别人在本站如何找到您。',
  'provider.joinEmail': '可以不填。',
  'provider.joinConfirmed': '已由 {name} 确认。换用其他邮箱则需邮件确认。',
  'provider.noneTitle': '没有成功',
  'provider.cancelled': '您没有同意授权，因此什么都没有改变。您可以重试，或用其他方式登录。',
  'provider.refused': '对方网站暂时无法为您登录。请稍后再试，或用其他方式登录。',
  'provider.again': '操作超时、已经完成，或是在另一个浏览器中开始的。请重新开始。',
  'provider.connectFirst': '本站已有使用您电子邮箱的账号。请先登录该账号，再在“设置”的“账号”中关联。',
  'provider.stranger': '本站没有与它关联的账号，也不能用它加入。如果您在本站已有账号，请先登录，再在“设置”的“账号”中关联。',
  'provider.taken': '该账号已与本站其他成员关联，或您已关联同一网站的另一个账号。',
  'provider.down': '暂时无法连接对方网站。请稍后再试。',
  'provider.doubt': '对方网站没有确认您的身份。请重新开始。',
  'provider.linked': '已关联 {name}',
  'provider.back': '返回登录',
  'provider.backSettings': '返回设置',
};

export const words = addWords({ en, zh });
