/** The graph of the recipes, and the one pipeline of it that all requests share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, inlet, Plumber } from 'sluice';
import * as z from 'zod';
import { UpstreamError } from '../server/answers.ts';

const input = z.object({ text: z.string().min(1).max(1000), delay: z.int().min(0).max(60_000).default(0) });
type Input = z.infer<typeof input>;

/** Stands for whatever takes its time and can be told to stop. */
async function reversed({ text, delay }: Input, { signal }: Context): Promise<string> {
  if (text === 'teapot') throw new UpstreamError('it is short and stout');
  await sleep(delay, undefined, { signal }).catch((reason) => {
    console.log(JSON.stringify({ aborted: text }));
    throw reason;
  });
  return [...text].reverse().join('');
}

const plumber = new Plumber({
  nodes: {
    text: { ...inlet({ input }), overflow: 'error', queueSize: 1000 },
    reversed: { run: reversed, concurrency: 100 },
    upper: ({ text }: Input) => text.toUpperCase(),
    pair: (row: { reversed: string; upper: string }) => row,
  },
  graph: { text: ['reversed', 'upper'], reversed: ['pair'], upper: ['pair'] },
});

export const pipeline = plumber.createPipeline();
