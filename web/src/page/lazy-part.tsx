import { type ComponentType, lazy, Suspense } from 'react';

const Nothing = () => null;

/** A part that is loaded when it is first drawn. The page works without it, so an error here must not take the page away. */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const Part = lazy<ComponentType<Props>>(async () => {
    const part = await load().catch(reportError);
    return { default: part ?? Nothing };
  });
  const draw: ComponentType<Props> = (props) => (
    <Suspense fallback={null}>
      <Part {...props} />
    </Suspense>
  );
  return draw;
}
