/**
 * Tells when a part of the element comes into sight, and when all of it is out of sight.
 * @param margin So far outside of the screen still counts as in sight.
 * @returns a function that ends it
 */
export function watchSight(
  element: Element | null,
  onChange: (entry: IntersectionObserverEntry) => void,
  margin = '0px',
): () => void {
  const observer = new IntersectionObserver(
    (entries) => {
      const newest = entries.at(-1);
      if (newest) onChange(newest);
    },
    { rootMargin: margin },
  );
  if (element) observer.observe(element);
  return () => observer.disconnect();
}
