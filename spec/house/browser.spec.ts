import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

// What browsers, workers and servers have in common, and nothing of Node's own.
const { AbortController, AbortSignal, clearTimeout, crypto, MessageChannel, performance, queueMicrotask } =
  globalThis;
const { ReadableStream, setTimeout } = globalThis;

const program = `
  import { createPipeline, inlet } from './lib/index.ts';
  const pipeline = createPipeline({
    nodes: {
      word: inlet(),
      reversed: async (word, { message }) => [...word].reverse().join('') + message.id.length,
      pair: ({ word, reversed }) => word + ' ' + reversed,
    },
    graph: { word: ['reversed', 'pair'], reversed: ['pair'] },
  });
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
      ...{ queueMicrotask, ReadableStream, setTimeout, console },
    });
    runInContext(String(outputFiles[0]?.text), context);
    expect(JSON.parse((await context.done) as string)).toEqual({ pair: ['stressed desserts36'] });
    for (const { port1, port2 } of channels) for (const port of [port1, port2]) port.close();
  });
});
