import { useWords } from '../../components/words/index.ts';
import { barWordsFor } from './bar-words.ts';
import { PageDialog } from './page-dialog.tsx';
import { shortcutWordsFor } from './shortcut-words.ts';

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { language } = useWords();
  const words = shortcutWordsFor(language);
  const isMac = /^(Mac|iP)/.test(navigator.platform);
  const control = (key: string) => (isMac ? `⌘ ${key}` : `Ctrl ${key}`);
  const remove = isMac ? '⌫' : 'Delete';
  const groups = [
    [
      words.ofPhotos,
      [
        [words.arrows, words.go],
        ['Enter', words.open],
        ['X', words.select],
        ['Shift X', words.selectTo],
        [control('A'), words.selectAll],
        [remove, words.remove],
        [control('Z'), words.undo],
        ['/', words.search],
      ],
    ],
    [
      words.ofOne,
      [
        [words.arrows, words.turn],
        ['+ − 0', words.zoom],
        ['I', words.details],
        ['S', words.slideshow],
        [remove, words.remove],
        ['Esc', words.close],
      ],
    ],
  ] as const;
  return (
    <PageDialog onClose={onClose} title={barWordsFor(language).shortcuts}>
      {groups.map(([name, keys]) => (
        <table className="ma-shortcuts" key={name}>
          <caption>{name}</caption>
          <tbody>
            {keys.map(([key, does]) => (
              <tr key={key}>
                <th scope="row">{does}</th>
                <td>
                  <kbd>{key}</kbd>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </PageDialog>
  );
}
