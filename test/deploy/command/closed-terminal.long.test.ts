/** `npm run deploy` with programs that answer as gcloud and Terraform do: signals, and a terminal that is closed. */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { needing } from '../../support/needing.ts';
import { PROJECT, RecordedProject } from './recorded.ts';

const it = needing('bash');
const START = fileURLToPath(new URL('start-here.ts', import.meta.url));

let project: RecordedProject;
beforeAll(async () => {
  project = await RecordedProject.open();
});
afterAll(() => project.close());
beforeEach(() => project.reset());
afterEach(() => void jest.restoreAllMocks());

const untilItHangs = () => eventually(async () => project.programs.hangs || undefined);

it('Terraform outlives the terminal and ends in order, and the next run tells what nobody has read', async () => {
  const signals = project.programs.hang('terraform apply*');
  const args = [START, project.root, ...PROJECT, '--yes'];
  const run = spawn(process.execPath, args, { env: project.env, detached: true });
  await untilItHangs();
  run.stdout.destroy();
  run.stderr.destroy();
  // What is said now can be written nowhere.
  const said = () => project.programs.read('shown').length;
  const before = said();
  await eventually(async () => said() > before + 100 || undefined);
  // What the system does: to all that the terminal has started.
  process.kill(-Number(run.pid), 'SIGHUP');
  expect(await once(run, 'exit')).toEqual([130, null]);
  expect(signals()).toEqual(['TERM']);

  project.programs.remove('hang');
  const next = await project.deploy([...PROJECT, '--yes']);
  expect(next).toMatchObject({ code: 0 });
  expect(next.output).toMatch(
    /^The terminal of the last run from this folder was closed\. What it has said since:\n(?: {2}\| .*\n)*? {2}\| Stopped\. Run the same command again: it goes on\.\n/,
  );
  expect((await project.deploy([...PROJECT, '--yes'])).output).not.toContain('was closed');
});

it('Ctrl-C, which npm passes on once more, reaches Terraform once; the next one reaches it, too', async () => {
  const later = clockThatIsMovedOn();
  const told = jest.spyOn(ChildProcess.prototype, 'kill');
  const signals = project.programs.hang('terraform apply*', 2);
  const ended = project.deploy([...PROJECT, '--yes']);
  await untilItHangs();
  for (let i = 0; i < 2; i++) process.emit('SIGINT', 'SIGINT');
  await eventually(async () => signals().length === 1 || undefined);
  later();
  // A shell may pass on more than once that the terminal is closed.
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGINT', 'SIGINT');
  expect(await ended).toMatchObject({ code: 130 });
  expect(told.mock.calls).toEqual([['SIGINT'], ['SIGINT']]);
});

it('a signal ends a question', async () => {
  const isEnded: unknown[] = [];
  project.whileAsking = async (stopping) => {
    process.emit('SIGTERM', 'SIGTERM');
    isEnded.push(stopping?.aborted);
    stopping?.throwIfAborted();
  };
  const { code, output } = await project.deploy(PROJECT, ['yes']);
  expect({ code, output, isEnded }).toEqual({
    code: 130,
    isEnded: [true],
    output: expect.stringContaining('Stopped.'),
  });
  expect(project.programs.calls().filter((call) => /terraform apply/.test(call))).toHaveLength(1);
});

needing('script')('a terminal that is closed at a question ends the run in order', async () => {
  const command = [process.execPath, START, project.root, ...PROJECT].join(' ');
  const env = { ...project.env, SHELL: '/bin/sh' };
  const screen = spawn('script', ['-qefc', command, '/dev/null'], { env });
  let shown = '';
  screen.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  await eventually(async () => shown.includes('Apply this plan?') || undefined);
  const isRunning = () => existsSync(join(project.root, 'terraform/.deploying'));
  expect(isRunning()).toBe(true);
  screen.kill('SIGKILL');
  // One that broke off would leave it behind, and the plan with its secrets, too.
  await eventually(async () => !isRunning() || undefined);
});

/** @returns What moves it on by two seconds. */
function clockThatIsMovedOn(): () => void {
  let now = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  return () => {
    now += 2_000;
  };
}
