// Loaded before the page's own script: gives the page the signed-in user of the Auth emulator.
(() => {
  const KEY = 'media-analysis-user';
  const signIn = () => {
    localStorage.removeItem(KEY);
    location.replace('/local/sign-in');
    // The browser leaves the page, so the promise never needs to settle.
    return new Promise(() => {});
  };

  async function fresh({ refreshToken }) {
    const response = await fetch('/local/auth/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    });
    // The emulator forgets its users when it ends.
    if (!response.ok) return signIn();
    const { id_token: idToken, refresh_token } = await response.json();
    localStorage.setItem(KEY, JSON.stringify({ idToken, refreshToken: refresh_token }));
    return idToken;
  }

  const getToken = ({ refresh }) => {
    const user = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (!user) return signIn();
    return refresh ? fresh(user) : user.idToken;
  };
  globalThis.mediaAnalysis = { getToken };
})();
