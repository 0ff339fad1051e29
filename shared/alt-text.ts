/** The alternative text of a picture: its title, and the first sentence of its summary. */
export function altText({ title, summary = '' }: { title: string; summary: string }): string {
  const [first = summary] = /^.*?(?:[.!?](?=\s|$)|[。！？])/su.exec(summary) ?? [];
  // "Shows a cat." already says "A cat". A damaged record may have no title.
  if (!title || first.toLowerCase().includes(title.toLowerCase())) return first;
  if (/\p{P}$/u.test(title)) return `${title} ${first}`;
  return first.endsWith('。') ? `${title}。${first}` : `${title}. ${first}`;
}
