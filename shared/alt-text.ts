/** The words for those who do not see a picture: its title, and the first sentence of its summary. */
export function altText({ title, summary = '' }: { title: string; summary: string }): string {
  const [first = summary] = /^.*?(?:[.!?](?=\s|$)|[。！？])/su.exec(summary) ?? [];
  // "Shows a cat." has all that "A cat" says. A record may be damaged.
  if (!title || first.toLowerCase().includes(title.toLowerCase())) return first;
  if (/\p{P}$/u.test(title)) return `${title} ${first}`;
  return first.endsWith('。') ? `${title}。${first}` : `${title}. ${first}`;
}
