/**
 * Tells when a part of the element comes into sight, and when all of it is out of sight.
 * @param rootMargin An element this far outside of the screen still counts as in sight.
 * @returns a function that stops watching
 */
export function watchSight(
  element: Element | null,
  onChange: (entry: IntersectionObserverEntry) => void,
  rootMargin = '0px',
): () => void {
  const tell = (entries: IntersectionObserverEntry[]) => entries.slice(-1).forEach(onChange);
  const observer = new IntersectionObserver(tell, { rootMargin });
  if (element) observer.observe(element);
  return () => observer.disconnect();
}
