import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { z as z3 } from 'genkit';
import { parseSchema } from 'genkit/schema';
import { z } from 'zod';
import { describeError, traceFields } from './log.ts';

const module = new URL('./log.ts', import.meta.url).href;

/** Lines that a unit prints when it runs this code with `logger`. */
function linesOf(code: string): Record<string, unknown>[] {
  const script = `
    import { createLogger, withLogFields } from ${JSON.stringify(module)};
    const logger = createLogger('api', 'debug');
    ${code}`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('a log line', () => {
  test('has the form of Cloud Logging, and the fields of its context', () => {
    const [line, later] = linesOf(`
      withLogFields({ media_id: 'm1', attempt: 1 }, () =>
        withLogFields({ attempt: 2 }, () => logger.warn({ size: 3 }, 'a\\nb')));
      logger.error('later');`);
    expect(line).toMatchObject({
      severity: 'WARNING',
      message: 'a\nb',
      unit: 'api',
      media_id: 'm1',
      attempt: 2,
      size: 3,
    });
    expect(new Date(String(line?.time)).getTime()).toBeGreaterThan(0);
    expect(later).toMatchObject({ severity: 'ERROR' });
    expect(later).not.toHaveProperty('media_id');
  });

  test('has no field of an earlier line about the same media', () => {
    const [, later] = linesOf(`
      withLogFields({ media_id: 'm1' }, () => {
        logger.info({ error: new Error('a') }, 'first');
        logger.info({ size: 3 }, 'second');
      });`);
    expect(later).toMatchObject({ media_id: 'm1', size: 3, message: 'second' });
    expect(later).not.toHaveProperty('error');
  });

  test('keeps times and URLs, and survives an object that contains itself', () => {
    const [line] = linesOf(`
      const loop = { at: new Date(0), url: new URL('https://a.example/b') };
      loop.loop = loop;
      logger.info({ loop }, 'x');`);
    expect(line?.loop).toMatchObject({
      at: '1970-01-01T00:00:00.000Z',
      url: 'https://a.example/b',
    });
    expect(JSON.stringify(line).length).toBeLessThan(2_000);
  });

  test('keeps its context across `await`, also if other work runs at the same time', () => {
    const lines = linesOf(`
      await Promise.all(['a', 'b'].map((id) =>
        withLogFields({ media_id: id }, async () => {
          await new Promise(setImmediate);
          logger.info(id);
        })));`);
    expect(lines).toMatchObject([
      { message: 'a', media_id: 'a' },
      { message: 'b', media_id: 'b' },
    ]);
  });

  test('has no piece of what could not be read: of a request, or of a model’s answer', () => {
    const thrown = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return error;
      }
    };
    const errors = [
      thrown(() => JSON.parse('{"file_name": my divorce}')),
      thrown(() => JSON.parse('The photo shows my divorce')),
      thrown(() => z.strictObject({}).parse({ 'my divorce': 1 })),
      thrown(() =>
        parseSchema({ title: ['my divorce'] }, { schema: z3.object({ title: z3.string() }) }),
      ),
    ];
    for (const cause of errors) {
      expect(String((cause as Error).message)).toMatch(/divorce|The photo/);
      const said = JSON.stringify(describeError(new AppError('malformed_body', 'No.', { cause })));
      expect(said).not.toMatch(/divorce|The photo/);
      // The stack is still there.
      expect(said).toContain('log.test');
    }
  });

  test('contains no token, at any depth', () => {
    const lines = linesOf(`
      const headers = { authorization: 'Bearer hunter2', cookie: '__session=hunter2' };
      logger.info({ ...headers, request: { headers }, response: headers }, 'x');
      const error = Object.assign(new Error('m'), { config: { headers }, response: { headers } });
      logger.error({ error, cause: new Error('c', { cause: error }) }, 'y');
      logger.error({ error: new Error('c', { cause: error }) }, 'z');
      logger.error({ calls: [{ failed: error, request: { options: { Headers: headers } } }] }, 'deep');
      withLogFields({ call: { request: { headers } } }, () => logger.info('around'));`);
    expect(lines).toHaveLength(5);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('an error in the log', () => {
  test('has its type, message, stack and cause', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 14, secret: 'hunter2' });
    expect(describeError(new Error('outer', { cause }))).toMatchObject({
      type: 'Error',
      message: 'outer',
      stack: expect.stringContaining('log.test'),
      cause: { type: 'TypeError', message: 'inner', code: 14 },
    });
    expect(describeError(cause)).not.toHaveProperty('secret');
  });

  test('contains no signed URL, at any place', () => {
    const url =
      'https://storage.googleapis.com/media/m1/bare?X-Goog-Algorithm=x&X-Goog-Signature=5ec1e7';
    const error = new Error(`Unsupported file uri: ${url} (400)`);
    const text = JSON.stringify(describeError(new Error('no', { cause: error })));
    expect(text).toContain('https://storage.googleapis.com/media/m1/bare?… (400)');
    expect(text).not.toMatch(/5ec1e7|X-Goog/);
  });

  test('for the sender of a file does not contain the file’s name', () => {
    const described = describeError(new AppError('empty_file', '"private.jpg" is empty.'));
    expect(described).toMatchObject({ type: 'AppError', code: 'empty_file' });
    expect(JSON.stringify(described)).not.toContain('private');
  });

  test('may be any thrown value, and may be its own cause', () => {
    expect(describeError('text')).toEqual({ type: 'string' });
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(describeError(error)).match(/round/g)?.length).toBeLessThan(20);
  });
});

test('a trace has the name by which Cloud Logging groups lines', () => {
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  expect(traceFields(span, 'p')).toEqual({
    'logging.googleapis.com/trace': `projects/p/traces/${span.traceId}`,
    'logging.googleapis.com/spanId': span.spanId,
    'logging.googleapis.com/trace_sampled': true,
  });
});
