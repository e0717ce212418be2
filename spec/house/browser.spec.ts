import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

// What browsers, workers and servers have in common, and nothing of Node's own.
const { AbortController, AbortSignal, clearTimeout, crypto, MessageChannel, performance, queueMicrotask } =
  globalThis;
const { ReadableStream, setTimeout, URL } = globalThis;

const program = `
  import { createPipeline, fromModule, inlet } from './lib/index.ts';
  const pipeline = createPipeline({
    nodes: {
      word: inlet(),
      reversed: async (word, { message }) => [...word].reverse().join('') + message.id.length,
      pair: ({ word, reversed }) => word + ' ' + reversed,
    },
    graph: { word: ['reversed', 'pair'], reversed: ['pair'] },
  });
  try {
    const run = fromModule('https://example.org/hash.js')('hash');
    createPipeline({ nodes: { word: inlet(), hash: { run, runIn: 'worker' } }, graph: { word: ['hash'] } });
  } catch ({ problems }) {
    globalThis.refused = problems[0].code;
  }
  globalThis.done = pipeline.call('stressed').then(async (outputs) => {
    await pipeline.stop();
    return JSON.stringify(outputs);
  });
`;

describe('the core', () => {
  it('bundles for a browser and runs without anything of Node', async () => {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: '.', loader: 'ts' },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
      // Where modules are, only Node.js has to know, to find its worker threads.
      logOverride: { 'empty-import-meta': 'silent' },
    });
    const channels: MessageChannel[] = [];
    class Channel extends MessageChannel {
      constructor() {
        super();
        channels.push(this);
      }
    }
    const context = createContext({
      ...{ AbortController, AbortSignal, clearTimeout, crypto, MessageChannel: Channel, performance },
      ...{ queueMicrotask, ReadableStream, setTimeout, URL, console },
    });
    runInContext(String(outputFiles[0]?.text), context);
    expect(context.refused).toBe('no-workers');
    expect(JSON.parse((await context.done) as string)).toEqual({ pair: ['stressed desserts36'] });
    for (const { port1, port2 } of channels) for (const port of [port1, port2]) port.close();
  });
});
