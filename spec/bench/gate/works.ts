/** What the gate measures: the engine at its commonest work, so little of it at a time that one run takes about a millisecond. */

type Engine = typeof import('sluice');

export interface GatedWork {
  /** Hops or requests in one run. */
  readonly units: number;
  readonly run: () => Promise<unknown>;
}

const ITEMS = 2000;
const HOPS = 4;
const REQUESTS = 200;
const CALLS = 400;

export const TITLES = [
  'chain of async functions',
  'chain of synchronous functions',
  'request: create, call, stop',
  'call on a shared pipeline',
] as const;
type Title = (typeof TITLES)[number];

type Step = (number: number) => number | Promise<number>;
const inc = async (number: number): Promise<number> => number + 1;
const incNow = (number: number): number => number + 1;

const seen = { items: 0 };
const sink = (_number: number): void => {
  seen.items++;
};
function* numbers(): Generator<number> {
  for (let number = 0; number < ITEMS; number++) yield number;
}

/** The chain by hand, without queues: what all times are told against. */
export const awaitChain: GatedWork = {
  units: ITEMS * HOPS,
  async run() {
    for (const number of numbers()) sink(await inc(await inc(await inc(number))));
  },
};

export function worksOf(engine: Engine): Readonly<Record<Title, GatedWork>> {
  const plumber = fiveNodes(engine);
  return {
    'chain of async functions': chain(engine, inc),
    'chain of synchronous functions': chain(engine, incNow),
    'request: create, call, stop': {
      units: REQUESTS,
      async run() {
        for (let count = 0; count < REQUESTS; count++) {
          const pipeline = plumber.createPipeline();
          await pipeline.call('abc');
          await pipeline.stop();
        }
      },
    },
    'call on a shared pipeline': {
      units: CALLS,
      async run() {
        const pipeline = plumber.createPipeline();
        for (let count = 0; count < CALLS; count++) await pipeline.call('abc');
        await pipeline.stop();
      },
    },
  };
}

function chain({ createPipeline }: Engine, step: Step): GatedWork {
  return {
    units: ITEMS * HOPS,
    run: () =>
      createPipeline({
        nodes: { numbers, one: step, two: step, three: step, sink },
        graph: { numbers: ['one'], one: ['two'], two: ['three'], three: ['sink'], sink: null },
      }).done,
  };
}

function fiveNodes({ inlet, Plumber }: Engine) {
  return new Plumber({
    nodes: {
      inp: inlet<string>(),
      n1: (text: string) => `${text}.`,
      n2: (text: string) => text.toUpperCase(),
      n3: ({ n1 }: { n1: string; n2: string }) => n1.toLowerCase(),
      n4: { run: (text: string) => text, aggregateInputs: false },
    },
    graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
  });
}
