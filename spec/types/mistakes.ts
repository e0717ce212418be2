/** A definition with one thing wrong in it, and what the compiler has to say. */
export interface Mistake {
  readonly title: string;
  /** `/**\/` stands before each place where an error belongs. */
  readonly source: string;
  readonly code: number;
  /** Part of the message; where several errors belong, of each. */
  readonly says: string;
}

/** What an assignment that does not fit is reported as. */
const MISFIT = 2322;
const MISFIT_WITH_HINT = 2820;
const UNKNOWN_KEY = 2353;
const UNKNOWN_KEY_WITH_HINT = 2561;
const MISSING_KEY = 2741;
const WRONG_ARGUMENT = 2345;

const SOURCE_ADVICE = 'a source returns an iterable, or a promise while it emits';

export const mistakes: readonly Mistake[] = [
  {
    title: 'an edge whose value does not fit the next function',
    source: `createPipeline({
      nodes: { n: inlet<number>(), rev: (s: string) => s },
      graph: { n: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: `'"\`n -> rev\` sends number, \`rev\` wants string"'`,
  },
  {
    title: 'an edge with options whose value does not fit',
    source: `createPipeline({
      nodes: { n: inlet<number>(), rev: { run: async (s: string) => s, concurrency: 2 } },
      graph: { n: [{ /**/to: 'rev', queueSize: 2 }] },
    });`,
    code: MISFIT,
    says: '`n -> rev` sends number, `rev` wants string',
  },
  {
    title: 'an edge between types that the compiler has to print',
    source: `createPipeline({
      nodes: { n: inlet<{ id: number }>(), rev: (s: string | null) => s },
      graph: { n: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '{ edge: "n -> rev"; sends: { id: number; }; wants: string | null; }',
  },
  {
    title: 'an edge from a generator whose items do not fit',
    source: `createPipeline({
      nodes: { async *src() { yield 1; }, rev: (s: string) => s },
      graph: { src: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '`src -> rev` sends number, `rev` wants string',
  },
  {
    title: 'an edge from an emitting source',
    source: `createPipeline({
      nodes: { src: async (context: SourceContext<number>) => { await context.emit(1); }, rev: (s: string) => s },
      graph: { src: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '`src -> rev` sends number, `rev` wants string',
  },
  {
    title: 'an array where `many` would have unrolled it',
    source: `createPipeline({
      nodes: { text: inlet<string>(), words: (s: string) => s.split(' '), rev: (s: string) => s },
      graph: { text: ['words'], words: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '{ edge: "words -> rev"; sends: string[]; wants: string; }',
  },
  {
    title: 'unrolled items where the array is wanted',
    source: `createPipeline({
      nodes: { text: inlet<string>(), words: { run: (s: string) => s.split(' '), many: true }, n: (s: string[]) => s },
      graph: { text: ['words'], words: [/**/'n'] },
    });`,
    code: MISFIT,
    says: '{ edge: "words -> n"; sends: string; wants: string[]; }',
  },
  {
    title: 'a generic function whose result fits in no case',
    source: `createPipeline({
      nodes: { text: inlet<string>(), list: <T>(value: T) => [value], rev: (s: string) => s },
      graph: { text: ['list'], list: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '{ edge: "list -> rev"; sends: unknown[]; wants: string; }',
  },
  {
    title: 'an edge to a name that is nearly right',
    source: `createPipeline({
      nodes: { word: inlet<string>(), reversed: (s: string) => s },
      graph: { word: [/**/'reversd'] },
    });`,
    code: MISFIT_WITH_HINT,
    says: `Did you mean '"reversed"'?`,
  },
  {
    title: 'an edge with options to a name that is nearly right',
    source: `createPipeline({
      nodes: { word: inlet<string>(), reversed: (s: string) => s },
      graph: { word: [{ /**/to: 'reversd' }] },
    });`,
    code: MISFIT_WITH_HINT,
    says: `Did you mean '"reversed"'?`,
  },
  {
    title: 'an edge to a name that is like no other',
    source: `createPipeline({
      nodes: { word: inlet<string>(), reversed: (s: string) => s },
      graph: { word: ['reversed', /**/'printer'] },
    });`,
    code: MISFIT,
    says: `Type '"printer"' is not assignable to type`,
  },
  {
    title: 'a key in the graph that is nearly a node',
    source: `createPipeline({
      nodes: { word: inlet<string>(), reversed: (s: string) => s },
      graph: { word: ['reversed'], /**/reverse: null },
    });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: `Did you mean to write 'reversed'?`,
  },
  {
    title: 'an unknown option of an edge',
    source: `createPipeline({
      nodes: { word: inlet<string>(), reversed: (s: string) => s },
      graph: { word: [{ to: 'reversed', /**/queuSize: 1 }] },
    });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: `Did you mean to write 'queueSize'?`,
  },
  {
    title: 'an edge to an inlet',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<string>() },
      graph: { a: [/**/'b'] },
    });`,
    code: MISFIT,
    says: '`b` is an inlet: no edge may lead there',
  },
  {
    title: 'a node that somebody forgot to lead an edge to',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: (s: string) => s, /**/c: (s: string) => s },
      graph: { a: ['b'] },
    });`,
    code: MISFIT,
    says: 'No edge leads to `c`, which wants an input',
  },
  {
    title: 'a source that returns a plain value',
    source: `createPipeline({ nodes: { /**/a: () => 1 }, graph: {} });`,
    code: MISFIT,
    says: SOURCE_ADVICE,
  },
  {
    title: 'a source that returns a string',
    source: `createPipeline({ nodes: { a: { /**/run: () => 'abc' } }, graph: {} });`,
    code: MISFIT,
    says: SOURCE_ADVICE,
  },
  {
    title: 'a source that promises a list',
    source: `createPipeline({ nodes: { /**/a: async () => [1, 2] }, graph: {} });`,
    code: MISFIT,
    says: SOURCE_ADVICE,
  },
  {
    title: 'a join in which one branch has the wrong type',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<number>(), j: (row: { a: string; b: string }) => row },
      graph: { a: ['j'], b: [/**/'j'] },
    });`,
    code: MISFIT,
    says: '`b -> j` sends number, `j` wants string',
  },
  {
    title: 'a join that reads a branch by the wrong name',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<number>(), j: (row: { a: string; c: number }) => row },
      graph: { a: ['j'], b: [/**/'j'] },
    });`,
    code: MISFIT,
    says: '`j` reads `c`, which no edge brings it',
  },
  {
    title: 'a join that reads a branch too many',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<number>(), j: (row: { a: string; b: number; c: number }) => row },
      graph: { a: [/**/'j'], b: [/**/'j'] },
    });`,
    code: MISFIT,
    says: '`j` reads `c`, which no edge brings it',
  },
  {
    title: 'a join whose function wants a plain value',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<string>(), j: (value: string) => value },
      graph: { a: [/**/'j'], b: [/**/'j'] },
    });`,
    code: MISFIT,
    says: '`j` has several inputs: it gets a record of them',
  },
  {
    title: 'a partial join that counts on a branch',
    source: `createPipeline({
      nodes: {
        a: inlet<string>(),
        b: inlet<number>(),
        j: { run: (row: { a?: string; b: number }) => row, aggregateInputs: 'partial' },
      },
      graph: { a: ['j'], b: [/**/'j'] },
    });`,
    code: MISFIT,
    says: '`b` may be missing',
  },
  {
    title: 'a merge in which one input has the wrong type',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<number>(), j: { run: (value: string) => value, aggregateInputs: false } },
      graph: { a: ['j'], b: [/**/'j'] },
    });`,
    code: MISFIT,
    says: '`b -> j` sends number, `j` wants string',
  },
  {
    title: 'a merge by the defaults in which one input has the wrong type',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: inlet<number>(), j: (value: string) => value },
      graph: { a: ['j'], b: [/**/'j'] },
      defaults: { aggregateInputs: false },
    });`,
    code: MISFIT,
    says: '`b -> j` sends number, `j` wants string',
  },
  {
    title: 'an unknown option of a node',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: { run: (s: string) => s, /**/cuncurrency: 2 } },
      graph: { a: ['b'] },
    });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: `Did you mean to write 'concurrency'?`,
  },
  {
    title: 'an unknown option of an inlet',
    source: `createPipeline({ nodes: { a: { inlet: true, /**/cuncurrency: 2 } }, graph: {} });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: `Did you mean to write 'concurrency'?`,
  },
  {
    title: 'an unknown option among the defaults',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: (s: string) => s },
      graph: { a: ['b'] },
      defaults: { /**/cuncurrency: 2 },
    });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: `Did you mean to write 'concurrency'?`,
  },
  {
    title: 'an option of the wrong type',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: { run: (s: string) => s, /**/concurrency: '2' } },
      graph: { a: ['b'] },
    });`,
    code: MISFIT,
    says: `Type 'string' is not assignable to type 'number'`,
  },
  {
    title: 'a node without a function',
    source: `createPipeline({
      nodes: { a: inlet<string>(), /**/b: { concurrency: 2 } },
      graph: { a: ['b'] },
    });`,
    code: MISSING_KEY,
    says: `Property 'run' is missing`,
  },
  {
    title: 'a node whose function stands under another key',
    source: `createPipeline({
      nodes: { a: inlet<string>(), b: { /**/fn: (s: string) => s } },
      graph: { a: ['b'] },
    });`,
    code: UNKNOWN_KEY,
    says: `'fn' does not exist in type`,
  },
  {
    title: 'a registry name that is nearly right',
    source: `createPipeline(
      { nodes: { a: inlet<string>(), /**/b: 'revers' }, graph: { a: ['b'] } },
      { registry: { reverse: (s: string) => s, upper: (s: string) => s } },
    );`,
    code: MISFIT_WITH_HINT,
    says: `Did you mean '"reverse"'?`,
  },
  {
    title: 'an unknown registry name under `run`',
    source: `createPipeline(
      { nodes: { a: inlet<string>(), b: { /**/run: 'printer' } }, graph: { a: ['b'] } },
      { registry: { reverse: (s: string) => s } },
    );`,
    code: MISFIT,
    says: `is not assignable to type '"reverse"'`,
  },
  {
    title: 'a registry name without a registry',
    source: `createPipeline({ nodes: { a: inlet<string>(), /**/b: 'reverse' }, graph: { a: ['b'] } });`,
    code: MISFIT,
    says: 'There is no registry to find `reverse` in',
  },
  {
    title: 'an edge whose value does not fit the function of a registry name',
    source: `createPipeline(
      { nodes: { a: inlet<number>(), b: { run: 'reverse' } }, graph: { a: [/**/'b'] } },
      { registry: { reverse: (s: string) => s } },
    );`,
    code: MISFIT,
    says: '`a -> b` sends number, `b` wants string',
  },
  {
    title: 'an edge whose value does not fit, given to a Plumber',
    source: `new Plumber({
      nodes: { n: inlet<number>(), rev: (s: string) => s },
      graph: { n: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '`n -> rev` sends number, `rev` wants string',
  },
  {
    title: 'a wrong definition that was made a constant first',
    source: `const definition = { nodes: { n: inlet<number>(), rev: (s: string) => s }, graph: { n: ['rev'] } } as const;
    createPipeline(/**/definition);`,
    code: WRONG_ARGUMENT,
    says: '`n -> rev` sends number, `rev` wants string',
  },
  {
    title: 'a call with the wrong type',
    source: `createPipeline({ nodes: { n: inlet<number>() }, graph: {} }).call(/**/'x');`,
    code: WRONG_ARGUMENT,
    says: `not assignable to parameter of type 'number'`,
  },
  {
    title: 'a call where there are several inlets',
    source: `createPipeline({ nodes: { n: inlet<number>(), m: inlet<number>() }, graph: {} }).call(/**/1);`,
    code: WRONG_ARGUMENT,
    says: 'There are several inlets: use inlet(name)',
  },
  {
    title: 'a push where there is no inlet',
    source: `createPipeline({ nodes: { *n() { yield 1; } }, graph: {} }).push(/**/1);`,
    code: WRONG_ARGUMENT,
    says: 'There is no inlet to push to',
  },
  {
    title: 'an unknown inlet',
    source: `createPipeline({ nodes: { n: inlet<number>(), m: inlet<number>() }, graph: {} }).inlet(/**/'o');`,
    code: WRONG_ARGUMENT,
    says: `Argument of type '"o"'`,
  },
  {
    title: 'the wrong type for one of several inlets',
    source: `createPipeline({ nodes: { n: inlet<number>(), m: inlet<string>() }, graph: {} }).inlet('m').push(/**/1);`,
    code: WRONG_ARGUMENT,
    says: `not assignable to parameter of type 'string'`,
  },
  {
    title: 'an unknown sink',
    source: `createPipeline({ nodes: { n: inlet<number>(), m: (n: number) => n }, graph: { n: ['m'] } }).outputs(/**/'n');`,
    code: WRONG_ARGUMENT,
    says: `parameter of type '"m"'`,
  },
  {
    title: 'inputs of the wrong type',
    source: `createPipeline({ nodes: { n: inlet<number>() }, graph: {} }, { inputs: { /**/n: ['x'] } });`,
    code: MISFIT,
    says: "Type 'string",
  },
  {
    title: 'inputs for an unknown inlet',
    source: `createPipeline({ nodes: { amount: inlet<number>() }, graph: {} }, { inputs: { /**/amoun: [1] } });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: `Did you mean to write 'amount'?`,
  },
];
