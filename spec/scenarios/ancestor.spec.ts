import { createPipeline, type Definition, inlet, Plumber } from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { hops, turn } from '../support/turns.ts';

const words = ['abc', 'def', 'ghi'];
const reverse = (word: string): string => [...word].reverse().join('');

describe('the graphs of the Python ancestor', () => {
  it('pair every word with its reverse, in order', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: {
          inp: () => words,
          rev: async (word: string) => {
            await turn();
            return reverse(word);
          },
          out: ({ inp, rev }: { inp: string; rev: string }) => [inp, rev],
        },
        graph: { inp: ['rev', 'out'], rev: ['out'], out: null },
      });

      const pairs = await collect(pipeline);

      expect(pairs).toEqual([
        ['abc', 'cba'],
        ['def', 'fed'],
        ['ghi', 'ihg'],
      ]);
    });
  });

  describe('of five nodes', () => {
    const fiveNodes: Definition = {
      nodes: {
        inp: inlet<string>(),
        n1: (word: string) => reverse(word),
        n2: async (word: string) => {
          await hops(3);
          return word.toUpperCase();
        },
        n3: ({ n1 }: { n1: string }) => n1.toLowerCase(),
        n4: { run: (word: string) => word, aggregateInputs: false },
      },
      graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
    };

    it('give two outputs for each input: one in upper case, one in lower case', async () => {
      await withoutLeaks(async () => {
        const pipeline = new Plumber(fiveNodes).createPipeline({ inputs: { inp: words } });

        const outputs = await collect(pipeline);

        expect(outputs.toSorted()).toEqual(['CBA', 'FED', 'IHG', 'cba', 'fed', 'ihg']);
      });
    });

    it('give a caller the two outputs of its own input', async () => {
      await withoutLeaks(async () => {
        const pipeline = createPipeline(fiveNodes);

        const outputs = await Promise.all(words.map((word) => pipeline.call(word)));
        await pipeline.stop();

        expect(outputs.map(({ n4 }) => n4?.toSorted())).toEqual([
          ['CBA', 'cba'],
          ['FED', 'fed'],
          ['IHG', 'ihg'],
        ]);
      });
    });

    it('load from a document as the ancestor wrote it', async () => {
      await withoutLeaks(async () => {
        const document = JSON.parse(`{
          "nodes": {
            "inp": { "coro": "words" },
            "n1": { "coro": "reverse", "args": { "queue_size": 2 } },
            "n2": { "coro": "upper" },
            "n3": { "coro": "lowerFirst", "properties": { "aggregate_inputs": true } },
            "n4": { "coro": "merge", "properties": { "aggregate_inputs": false } }
          },
          "graph": { "inp": ["n1"], "n1": ["n2", "n3"], "n2": ["n3", "n4"], "n3": ["n4"], "n4": null }
        }`) as Definition;
        const registry = {
          words: () => words,
          reverse,
          upper: (word: string) => word.toUpperCase(),
          lowerFirst: ({ n1 }: { n1: string }) => n1.toLowerCase(),
          merge: (word: string) => word,
        };
        const plumber = new Plumber(document, { registry });

        const outputs = await collect(plumber.createPipeline());

        expect(outputs.toSorted()).toEqual(['CBA', 'FED', 'IHG', 'cba', 'fed', 'ihg']);
        expect(plumber.describe().nodes).toContainEqual(
          expect.objectContaining({ name: 'inp', outputs: [{ to: 'n1', queueSize: 2 }] }),
        );
      });
    });
  });
});

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
