/** The texts of the sign-in screens. */

const en = {
  signIn: 'Sign in',
  signUp: 'Create an account',
  forgot: 'Reset your password',
  forgotLink: 'Forgot your password?',
  forgotHint: 'We will send you an e-mail with a link. The link lets you choose a new password.',
  sendMail: 'Send the e-mail',
  mailSent: 'Check your e-mail',
  mailSentTo: (email: string) =>
    `If ${email} has an account, a link is on its way to it. The link works for one hour. If nothing comes, look in the spam folder.`,
  newPassword: 'Choose a new password',
  savePassword: 'Save and sign in',
  newMail: 'Send a new e-mail',
  email: 'E-mail address',
  password: 'Password',
  show: 'Show the password',
  hide: 'Hide the password',
  google: 'Continue with Google',
  or: 'or',
  noAccount: 'No account yet?',
  /** If users cannot create accounts themselves. */
  askForAccount: 'No account yet? Ask the person who runs this page for one.',
  hasAccount: 'Already have an account?',
  backToSignIn: 'Back to sign-in',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  busy: 'One moment…',
  passwordRule: (length: number) => `Use at least ${length} characters.`,
  errors: {
    email_missing: 'Enter your e-mail address.',
    password_missing: 'Enter your password.',
    wrong_credentials: 'The e-mail address or the password is wrong.',
    disabled: 'This account is disabled. Ask the person who runs this page.',
    email_taken: 'There is already an account with this address. Sign in instead.',
    invalid_email: 'This is not a complete e-mail address.',
    weak_password: 'This password is too easy to guess. Choose a longer one.',
    too_many_tries: 'Too many tries. Wait a few minutes, or reset your password.',
    link_expired: 'This link has expired or was already used. Ask for a new e-mail.',
    session_ended: 'Your session has ended. Please sign in again.',
    sign_up_closed: 'There is no account for you here. Ask the person who runs this page for one.',
    not_allowed: 'This way to sign in is switched off here. Use another one.',
    key_refused:
      'This page may not ask who you are: its API key is refused. Tell the person who runs this page.',
    google_cancelled: 'The sign-in with Google was cancelled. Try again when you like.',
    google_failed: 'The sign-in with Google did not work. Please try again.',
    unreachable: 'The sign-in service cannot be reached. Check your connection and try again.',
    unavailable: 'The sign-in service does not answer as it should. Try again in a moment.',
  },
  /** The keys are words of Identity Platform: https://cloud.google.com/identity-platform/docs/password-policy */
  requirements: {
    'lower case': 'a small letter',
    'upper case': 'a capital letter',
    'a numeric': 'a digit',
    'non-alphanumeric': 'a sign such as ! or ?',
  },
  lacks: (parts: string[]) => `The password also needs ${parts.join(', ')}.`,
};

export type SignInWords = typeof en;

const ja: SignInWords = {
  signIn: 'サインイン',
  signUp: 'アカウントを作成',
  forgot: 'パスワードの再設定',
  forgotLink: 'パスワードをお忘れですか？',
  forgotHint: 'メールでリンクをお送りします。リンクから新しいパスワードを設定できます。',
  sendMail: 'メールを送信',
  mailSent: 'メールをご確認ください',
  mailSentTo: (email) =>
    `${email} のアカウントがあれば、リンクをお送りしました。リンクは1時間有効です。届かない場合は、迷惑メールのフォルダーもご確認ください。`,
  newPassword: '新しいパスワードの設定',
  savePassword: '保存してサインイン',
  newMail: 'メールをもう一度送る',
  email: 'メールアドレス',
  password: 'パスワード',
  show: 'パスワードを表示',
  hide: 'パスワードを隠す',
  google: 'Google で続ける',
  or: 'または',
  noAccount: 'アカウントをお持ちでない方',
  askForAccount: 'アカウントをお持ちでない方は、管理者に作成をご依頼ください。',
  hasAccount: 'アカウントをお持ちの方',
  backToSignIn: 'サインインに戻る',
  signOut: 'サインアウト',
  signedInAs: 'サインイン中のアカウント',
  busy: 'お待ちください…',
  passwordRule: (length) => `${length}文字以上で入力してください。`,
  errors: {
    email_missing: 'メールアドレスを入力してください。',
    password_missing: 'パスワードを入力してください。',
    wrong_credentials: 'メールアドレスかパスワードが正しくありません。',
    disabled: 'このアカウントは停止されています。管理者にお問い合わせください。',
    email_taken: 'このアドレスのアカウントはすでにあります。サインインしてください。',
    invalid_email: 'メールアドレスの形式が正しくありません。',
    weak_password: 'パスワードが簡単すぎます。もっと長くしてください。',
    too_many_tries:
      '試した回数が多すぎます。数分待ってからお試しになるか、パスワードを再設定してください。',
    link_expired:
      'リンクの期限が切れているか、すでに使われています。メールをもう一度お送りください。',
    session_ended: 'セッションが終了しました。もう一度サインインしてください。',
    sign_up_closed: 'アカウントがありません。管理者に作成をご依頼ください。',
    not_allowed: 'このサインイン方法は利用できません。別の方法をお試しください。',
    key_refused: 'このページの API キーが拒否されました。管理者にお知らせください。',
    google_cancelled: 'Google でのサインインは中止されました。いつでもやり直せます。',
    google_failed: 'Google でサインインできませんでした。もう一度お試しください。',
    unreachable:
      'サインインのサービスに接続できません。通信状況を確かめて、もう一度お試しください。',
    unavailable:
      'サインインのサービスが正しく応答していません。少し待ってからもう一度お試しください。',
  },
  requirements: {
    'lower case': '小文字',
    'upper case': '大文字',
    'a numeric': '数字',
    'non-alphanumeric': '記号',
  },
  lacks: (parts) => `パスワードには${parts.join('、')}も必要です。`,
};

export const signInWordsFor = (language: string): SignInWords => (language === 'ja' ? ja : en);
