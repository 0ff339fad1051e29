import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { retryImport } from '../../hooks/retry-import.ts';

/**
 * A part that is loaded when it is first drawn, or as soon as possible after that. The page works without it.
 * @param room Shown in its place until then.
 */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  room?: ReactNode,
): ComponentType<Props> {
  const Part = lazy(async () => ({ default: await retryImport(load) }));
  const draw: ComponentType<Props> = (props) => (
    <Suspense fallback={room}>
      <Part {...props} />
    </Suspense>
  );
  return draw;
}
