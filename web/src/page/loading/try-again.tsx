import { useLayoutEffect, useRef } from 'react';
import { Button } from '../../components/base/button.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';

interface TryAgainProps {
  onPress: () => void;
  /** Selects an element around the button, which gets its focus. */
  home: string;
}

/** It disappears with the failure. Its focus would go to the top of the page, or to a card that had it before. */
export function TryAgain({ onPress, home }: TryAgainProps) {
  const { tryAgain } = useWords();
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const element = button.current;
    return () => {
      if (element && document.activeElement === element) keepFocus(element.closest(home));
    };
  }, [home]);
  return (
    <Button ref={button} onClick={onPress}>
      {tryAgain}
    </Button>
  );
}
