import { MediaAnalysis } from '@media-analysis/react';
import { currentLanguage, currentUser } from './current';

// Without a baseUrl it asks this app, in api/.
export default async function Page() {
  const [language, userId] = await Promise.all([currentLanguage(), currentUser()]);
  return (
    <main>
      <MediaAnalysis language={language} userId={userId} />
    </main>
  );
}
