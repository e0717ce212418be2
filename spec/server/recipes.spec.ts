import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt, root } from '../house/repo.ts';
import { until } from './clients.ts';
import { postgresBin, startPostgres } from './postgres.ts';
import { post } from './served.ts';
import { type Started, start, startNode } from './started.ts';

const require = createRequire(import.meta.url);

/** Next itself, its development server, in the folder of the recipe. */
function startNext(): Promise<Started> {
  const next = [
    require.resolve('next/dist/bin/next'),
    'dev',
    'demos/recipes/next',
    '-H',
    '127.0.0.1',
    '-p',
    '0',
  ];
  return startNode(next, { NEXT_TELEMETRY_DISABLED: '1', CI: '1' });
}

const recipes: readonly [string, () => Promise<Started>][] = [
  ['node-http', () => start('demos/recipes/node-http.ts')],
  ['express', () => start('demos/recipes/express.ts')],
  ['hono', () => start('demos/recipes/hono.ts')],
  ['next', startNext],
];

describe.each(recipes)('the recipe for %s', (_name, startRecipe) => {
  let started: Started;
  let url: string;
  beforeAll(async () => {
    assertBuilt();
    started = await startRecipe();
    url = `${started.base}/pairs`;
  });
  afterAll(async () => {
    await started[Symbol.asyncDispose]();
    for (const made of ['.next', 'next-env.d.ts']) {
      rmSync(join(root, 'demos/recipes/next', made), { recursive: true, force: true });
    }
  });

  it('answers each request with what came of its own input', async () => {
    const texts = Array.from({ length: 50 }, (_, n) => `n${n}`);

    const replies = await Promise.all(texts.map((text) => post(url, { text })));

    expect(replies.map(({ status, body }) => [status, body])).toEqual(
      texts.map((text) => [200, { reversed: [...text].reverse().join(''), upper: text.toUpperCase() }]),
    );
  });

  it.each<[string, unknown, number]>([
    ['an input that does not fit', { text: '' }, 422],
    ['another service that failed', { text: 'teapot' }, 502],
    ['a body that is no JSON', '{', 400],
    ['work that takes too long', { text: 'late', delay: 50_000 }, 504],
  ])('answers with a problem to %s', async (_title, body, status) => {
    const reply = await post(url, body);

    expect([reply.status, reply.body.status]).toEqual([status, status]);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.text).not.toMatch(/stout|stack|\.ts/);
  });

  it('aborts the work of a client that has gone, and of no other', async () => {
    const other = post(url, { text: 'stays', delay: 500 });
    const isAborted = (text: string) => started.lines.some(({ aborted }) => aborted === text);
    // It may not have come far on a busy machine, so the next one stays longer.
    for (let ms = 50; !isAborted('leaves'); ms *= 2) {
      const signal = AbortSignal.timeout(ms);
      await expect(post(url, { text: 'leaves', delay: 1900 }, { signal })).rejects.toThrow();
      await Promise.race([until(() => isAborted('leaves')), sleep(ms)]);
    }

    expect((await other).body).toEqual({ reversed: 'syats', upper: 'STAYS' });
    expect(isAborted('stays')).toBe(false);
  });

  it('ends on SIGTERM by itself', async () => {
    started.child.kill('SIGTERM');

    expect(await started.exit).toBe(0);
  });
});

const { DATABASE_URL } = process.env;
const bin = postgresBin();
const cannot = bin === undefined && DATABASE_URL === undefined;

describe('the recipe for look-ups with pg', () => {
  if (cannot)
    console.log('pg-lookups is not run: there is neither a DATABASE_URL nor a Postgres on this machine.');

  it.skipIf(cannot)('asks a few queries for a thousand requests', async () => {
    await using postgres = DATABASE_URL === undefined ? await startPostgres(bin as string) : undefined;
    const env = { ...process.env, DATABASE_URL: DATABASE_URL ?? postgres?.url };

    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'demos/recipes/pg-lookups.ts'], {
      cwd: root,
      env,
    });

    const [, queries] = /^1000 requests, (\d+) queries$/m.exec(stdout) ?? [];
    expect(Number(queries)).toBeGreaterThanOrEqual(10);
    expect(Number(queries)).toBeLessThan(50);
    expect(stdout).toContain('900 found, among them 900');
  });
});

const run = promisify(execFile);
