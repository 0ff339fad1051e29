const KEY = 'media-analysis-user';
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
    message.textContent = `The Auth emulator says: ${error.message}`;
  }
});
