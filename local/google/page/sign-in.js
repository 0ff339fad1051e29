const KEY = 'media-analysis-user';
/** What the emulator says, in words: https://firebase.google.com/docs/reference/rest/auth#section-sign-in-email-password */
const WORDS = {
  EMAIL_NOT_FOUND: 'There is no such account yet: press "Create an account".',
  EMAIL_EXISTS: 'There is such an account already: press "Sign in".',
  INVALID_PASSWORD: 'That is not the password of this account.',
};
const form = document.querySelector('form');
const message = document.querySelector('[role=alert]');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  message.textContent = '';
  const { email, password } = Object.fromEntries(new FormData(form));
  try {
    const response = await fetch(`/local/auth/${event.submitter?.value ?? 'sign-in'}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password, returnSecureToken: true }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error?.message ?? answer.detail);
    const { idToken, refreshToken } = answer;
    localStorage.setItem(KEY, JSON.stringify({ idToken, refreshToken }));
    location.replace('/');
  } catch (error) {
    message.textContent = WORDS[error.message] ?? `The Auth emulator says: ${error.message}`;
  }
});
