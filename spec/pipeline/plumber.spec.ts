import { type Definition, GraphError, inlet, Plumber } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../lib/pipeline/plumber.ts';
import { collect, pass, start } from './pipelines.ts';

const reverse = (word: string): string => [...word].reverse().join('');
const definition: Definition = {
  nodes: { word: inlet(), reversed: reverse, pair: pass },
  graph: { word: ['reversed', 'pair'], reversed: ['pair'] },
};

/** What a function throws. */
function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}

describe('a Plumber', () => {
  it('throws one GraphError with every problem, and createPipeline does so, too', () => {
    const wrong = { nodes: { a: 'f' }, graph: { b: ['c'] } };

    for (const act of [() => new Plumber(wrong as never), () => start(wrong as never)]) {
      const error = thrownBy(act);

      expect(error).toBeInstanceOf(GraphError);
      expect((error as GraphError).problems.map(({ code }) => code)).toEqual([
        'unknown-function',
        'unknown-node',
        'unknown-node',
      ]);
    }
  });

  it('runs any number of pipelines, which know nothing of each other', async () => {
    const plumber = new Plumber(definition);
    const pipelines = [plumber.createPipeline(), plumber.createPipeline()];

    const outputs = await Promise.all(pipelines.map((pipeline, i) => pipeline.call(`word ${i}`)));

    expect(outputs.map(({ pair }) => pair)).toEqual([
      [{ word: 'word 0', reversed: '0 drow' }],
      [{ word: 'word 1', reversed: '1 drow' }],
    ]);
    await pipelines[0]?.stop();
    expect(pipelines[1]?.metrics().nodes.word).toMatchObject({ received: 1 });
    await pipelines[1]?.stop();
  });

  it('takes functions from its registry, and defaults where the definition has none', async () => {
    const json = JSON.parse(
      '{ "nodes": { "w": { "inlet": true }, "r": "text.reverse" }, "graph": { "w": ["r"] } }',
    );

    const plumber = new Plumber(json as Definition, {
      registry: { 'text.reverse': reverse },
      defaults: { queueSize: 3 },
    });

    const pipeline = plumber.createPipeline();
    expect(await pipeline.call('abc')).toEqual({ r: ['cba'] });
    expect(plumber.describe().nodes[0]?.outputs).toEqual([{ to: 'r', queueSize: 3 }]);
    await pipeline.stop();
  });

  it('is all that the doors take for one', () => {
    expect(partsOf(new Plumber(definition)).plan.nodes).toHaveLength(3);
    for (const other of [{}, new Plumber(definition).createPipeline(), Object.create(Plumber.prototype)])
      expect(() => partsOf(other)).toThrow(new TypeError('not a Plumber'));
  });

  it('describes and draws its graph', () => {
    const plumber = new Plumber(definition);

    expect(plumber.describe().order).toEqual(['word', 'reversed', 'pair']);
    expect(plumber.toMermaid()).toMatch(/^flowchart LR\n/);
    expect(plumber.toDot()).toMatch(/^digraph sluice \{\n/);
  });

  it.for(['pool', 'regsitry'])('refuses the option %s, which it does not know', (option) => {
    const options = { [option]: {} } as object;

    expect(thrownBy(() => new Plumber(definition, options))).toMatchObject({ code: 'GRAPH' });
    expect(thrownBy(() => start(definition, options))).toMatchObject({ code: 'GRAPH' });
  });

  it.for(['registry', 'signals'])('refuses the option %s of a single pipeline', (option) => {
    const plumber = new Plumber(definition);

    expect(thrownBy(() => plumber.createPipeline({ [option]: {} } as object))).toMatchObject({
      problems: [{ code: 'unknown-option', path: `options.${option}` }],
    });
  });

  it.for([-1, Number.NaN, 2 ** 31, '5', null])('refuses %j for a grace, and says what would do', (grace) => {
    expect(thrownBy(() => start(definition, { grace: grace as number }))).toMatchObject({
      problems: [
        {
          code: 'bad-option',
          path: 'options.grace',
          message: expect.stringContaining('from 0 to 2147483647'),
        },
      ],
    });
  });

  it.for([0, 2 ** 31 - 1, Number.POSITIVE_INFINITY, undefined])('takes %j for a grace', async (grace) => {
    await start(definition, { grace } as object).stop();
  });

  it('takes time and ids from where it is told', async () => {
    const clock = virtualClock();
    await clock.advance(5000);
    const pipeline = start(
      { nodes: { s: () => ['x'] }, graph: {} },
      { clock, ids: (number) => `message ${number}` },
    );

    const [message] = await collect(pipeline.messages());

    expect([message?.id, message?.timestamp]).toEqual(['message 0', 5000]);
    expect(clock.pending).toBe(0);
  });
});

describe('the inputs of a pipeline', () => {
  it.for([
    ['a list', ['a', 'b']],
    ['a set', new Set(['a', 'b'])],
    ['a web stream', new Blob(['ab']).stream().pipeThrough(new TextDecoderStream())],
  ] as const)('feed an inlet and close it at their end: %s', async ([, word]) => {
    const pipeline = start(
      { nodes: { word: inlet(), upper: (w: string) => w.toUpperCase() }, graph: { word: ['upper'] } },
      { inputs: { word } },
    );

    expect((await collect(pipeline)).join('')).toBe('AB');
  });

  it.for([['text'], [7], [null], [{}], [() => []], [{ next: () => {} }]])(
    'must be something to pull: not %o',
    ([word]) => {
      const error = thrownBy(() => start(definition, { inputs: { word: word as never } }));

      expect((error as GraphError).problems).toEqual([
        { code: 'bad-input', path: 'inputs.word', message: expect.stringContaining('must be an iterable') },
      ]);
    },
  );

  it('are told of all their mistakes at once, with the nearest name', () => {
    const inputs = JSON.parse('{ "wrod": [], "__proto__": [], "word": 7 }');

    const { problems } = thrownBy(() => start(definition, { inputs })) as GraphError;

    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'unknown-inlet inputs.wrod',
      'unknown-inlet inputs.__proto__',
      'bad-input inputs.word',
    ]);
    expect(problems[0]?.message).toContain('`word`');
  });

  it('fail their inlet when they cannot be opened after all', async () => {
    const broken = {
      [Symbol.iterator](): never {
        throw new Error('no');
      },
    };
    const pipeline = start(definition, { inputs: { word: broken } });

    await expect(pipeline.done).rejects.toMatchObject({
      code: 'PROCESSOR',
      node: 'word',
      cause: { message: 'no' },
    });
  });
});
