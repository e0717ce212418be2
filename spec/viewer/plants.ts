import { createPipeline, type Definition, inlet, type Pipeline, Plumber } from 'sluice';

/** What would run if it were more than text. */
export const ATTACK = `</text><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>{{hacked}}`;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A pipeline in which `slow` holds up everything and `picky` fails now and then, with markup in its payloads and errors. Its
 * source gives for ever.
 */
export function troubled(): Pipeline {
  const definition: Definition = {
    nodes: {
      numbers: async function* () {
        for (let n = 0; ; n++) {
          await turn();
          yield { n, text: ATTACK };
        }
      },
      parse: async (value: object) => value,
      picky: {
        run: ({ n }: { n: number }) => {
          if (n % 5 === 0) throw new Error(`${ATTACK} is not for ${n}`);
          return n;
        },
        onError: 'dead-letter',
      },
      slow: {
        run: async (value: object) => {
          for (let wait = 0; wait < 50; wait++) await turn();
          return value;
        },
        queueSize: 8,
      },
      store: () => undefined,
      letters: () => undefined,
    },
    graph: { numbers: ['parse', 'picky'], parse: ['slow'], slow: ['store'] },
    deadLetter: 'letters',
  };
  return createPipeline(definition);
}

/** One that stalls on what it is first given: more comes back than the loop can hold. */
export function stalling(): Pipeline {
  const definition: Definition = {
    nodes: {
      seed: inlet(),
      h: { run: (n: number) => n, aggregateInputs: false, queueSize: 2 },
      twice: { run: (n: number) => [n, n], many: true, queueSize: 2 },
    },
    graph: { seed: ['h'], h: ['twice'], twice: [{ to: 'h', feedback: true, queueSize: 4 }] },
  };
  return createPipeline(definition);
}

/** A graph with so many nodes, each with one or two before it. */
export function large(count: number): Pipeline {
  const names = Array.from({ length: count - 1 }, (_, place) => `step-number-${place + 1}`);
  const before = (place: number): string[] => [
    ...new Set([names[place - 1] ?? 'numbers', names[place - 1 - ((place * 7) % 11)] ?? 'numbers']),
  ];
  const graph: Record<string, string[]> = {};
  for (const [place, name] of names.entries()) {
    for (const from of before(place)) graph[from] = [...(graph[from] ?? []), name];
  }
  const numbers = async function* () {
    for (let n = 0; ; n++) {
      await turn();
      yield n;
    }
  };
  const run = () => 1;
  const definition: Definition = {
    nodes: {
      numbers,
      ...Object.fromEntries(names.map((name) => [name, { run, aggregateInputs: 'partial' }])),
    },
    graph,
  };
  return createPipeline(definition);
}

/** A Plumber whose pipelines hold all that they are given. */
export function holding(): Plumber<{ job: number }> {
  return new Plumber({
    nodes: {
      job: inlet<number>(),
      held: { run: (job: number) => new Promise<number>(() => job), queueSize: 2 },
    },
    graph: { job: ['held'] },
  }) as Plumber<{ job: number }>;
}
