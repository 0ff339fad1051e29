/** `media-analysis PATH…` */
import type { Command } from './arguments.ts';
import { type Item, newItem, runBatch } from './batch.ts';
import { connect, refuseUnknown } from './connection.ts';
import { findFiles } from './find-files.ts';
import { createScreen } from './screen.ts';
import type { Terminal } from './terminal.ts';
import { printable, stateOf, sumOf, tableOf, WHO_YOU_ARE } from './words.ts';

/** @returns the exit code */
export async function send(
  { paths, service, analyses, language, isJson }: Extract<Command, { name: 'send' }>,
  { env, folder, stdout, stderr, signal }: Terminal,
): Promise<number> {
  const { files, skipped } = await findFiles(paths, folder);
  const screen = createScreen(stderr, env);
  for (const { path, why } of skipped) screen.say(`skipped ${printable(path)}: ${why}`);
  if (files.length === 0) {
    screen.say('There is no photo or video to send.');
    return 1;
  }
  const connection = await connect(service);
  const items = files.map(newItem);
  const told = new Set<Item>();
  const onChange = (changed: Item | undefined) => {
    screen.show(items, changed);
    if (!isJson || changed?.state !== 'ended' || told.has(changed)) return;
    told.add(changed);
    const { path, media = null, problem: error = null } = changed;
    stdout.write(`${JSON.stringify({ path, error, media })}\n`);
  };
  try {
    await refuseUnknown(analyses, connection, signal);
    await runBatch(connection.client, files, items, { analyses, language, signal, onChange });
    screen.close();
    if (!isJson) stdout.write(`${tableOf(items, stdout.columns || undefined)}\n`);
    stderr.write(`${sumOf(items)}\n`);
    const isUnknown = items.some(({ problem }) => problem?.code === 'unauthenticated');
    if (isUnknown) stderr.write(`${WHO_YOU_ARE}\n`);
    const isAll = !skipped.some(({ isClosed }) => isClosed);
    return isAll && items.every((item) => stateOf(item) === 'completed') ? 0 : 1;
  } catch (error) {
    screen.close();
    if (!signal.aborted) throw error;
    stderr.write(`${farewell(items, connection.isEmbedded, connection.url)}\n`);
    await connection.settled();
    throw error;
  } finally {
    await connection.close();
  }
}

/** The last words for a user who has stopped it. */
function farewell(items: readonly Item[], isEmbedded: boolean, url: string): string {
  const unsent = items.filter(({ state }) => state === 'waiting');
  const running = items.filter(({ state }) => state === 'accepted');
  const goOn = isEmbedded ? 'They go on when it runs again.' : `They go on without you: ${url}`;
  return [
    `Stopped. ${items.length - unsent.length} of ${items.length} files were sent: ${sumOf(items)}`,
    ...(running.length > 0 ? [`${running.length} were still analysed. ${goOn}`] : []),
    ...unsent.map(({ path }) => `not sent ${printable(path)}`),
  ].join('\n');
}
