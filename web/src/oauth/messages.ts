import { addWords } from '../i18n/words';

/** The words of the page that asks whether an app may have access. zh must have the keys of en. */
const en = {
  'oauth.implicit': 'This app asks in an old way: what it gets is put into the address of its page.',
  'oauth.title': 'Allow access',
  'oauth.ask': '{app} wants access to your account',
  'oauth.as': 'You are signed in as {name}.',
  'oauth.may': 'It will be able to',
  'oauth.basic': 'See your profile, your photos and your feed',
  'oauth.likes': 'Like and unlike photos for you',
  'oauth.comments': 'Write and delete comments for you',
  'oauth.relationships': 'Follow and unfollow people, and answer requests, for you',
  'oauth.media': 'Post, edit and delete photos for you',
  'oauth.never': 'It never sees your password. You can revoke its access at any time in the settings.',
  'oauth.allow': 'Allow',
  'oauth.deny': 'Deny',
  'oauth.badTitle': 'This request is not in order',
  'oauth.badText': 'Nothing was shared. Go back to the app, or tell its maker.',
} as const;

export type OAuthKey = keyof typeof en;

const zh: Record<OAuthKey, string> = {
  'oauth.implicit': '此应用使用旧方式请求授权：它得到的令牌会出现在其页面的地址中。',
  'oauth.title': '授权访问',
  'oauth.ask': '{app} 想要访问您的账号',
  'oauth.as': '您当前以 {name} 的身份登录。',
  'oauth.may': '它将可以',
  'oauth.basic': '查看您的主页、照片和首页动态',
  'oauth.likes': '替您点赞和取消点赞',
  'oauth.comments': '替您发表和删除评论',
  'oauth.relationships': '替您关注、取消关注和处理申请',
  'oauth.media': '替您发布、编辑和删除照片',
  'oauth.never': '它不会看到您的密码。您可以随时在设置中撤销授权。',
  'oauth.allow': '允许',
  'oauth.deny': '拒绝',
  'oauth.badTitle': '这个请求有问题',
  'oauth.badText': '没有共享任何信息。请返回应用，或联系其开发者。',
};

export const words = addWords({ en, zh });
