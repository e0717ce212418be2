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

// What a mistake about worker threads has in front of it.
const MODULE = `interface Module { size(bytes: Uint8Array): number; version: string }
  const inModule = fromModule<Module>('file:///module.js');
`;

// What a mistake about schemas has in front of it.
const SCHEMAS = `declare const length: StandardSchema<string, number>;
  declare const upper: StandardSchema<string>;
`;

export const mistakes: readonly Mistake[] = [
  {
    title: 'a dead-letter node that does not take dead letters',
    source: `createPipeline({
      nodes: { n: inlet<number>(), half: { run: (n: number) => n / 2, onError: 'dead-letter' }, /**/dead: (s: string) => s },
      graph: { n: ['half'] },
      deadLetter: 'dead',
    });`,
    code: MISFIT,
    says: '`dead` takes dead letters: its input is a `DeadLetter`',
  },
  {
    title: 'an edge to the dead-letter node',
    source: `createPipeline({
      nodes: { n: inlet<number>(), dead: (letter: { node: string }) => letter.node },
      graph: { n: [/**/'dead'] },
      deadLetter: 'dead',
    });`,
    code: MISFIT,
    says: '`dead` takes dead letters: no edge may lead there',
  },
  {
    title: 'a dead-letter node that is an inlet',
    source: `createPipeline({
      nodes: { n: inlet<number>(), half: (n: number) => n / 2 },
      graph: { n: ['half'] },
      /**/deadLetter: 'n',
    });`,
    code: MISFIT,
    says: '`n` is an inlet, which has no function to take dead letters',
  },
  {
    title: 'a dead-letter node that is none',
    source: `createPipeline({
      nodes: { n: inlet<number>(), dead: { run: (letter: object) => letter } },
      graph: { n: [] },
      /**/deadLetter: 'deed',
    });`,
    code: MISFIT,
    says: `not assignable to type '"dead" | "n"`,
  },
  {
    title: 'a condition that does not take what the node sends',
    source: `createPipeline({
      nodes: { n: inlet<number>(), t: (n: number) => n },
      graph: { n: [{ to: 't', /**/when: (s: string) => s.length > 0 }] },
    });`,
    code: MISFIT,
    says: '`when` does not take what `n` sends',
  },
  {
    title: 'a condition that the registry lacks',
    source: `createPipeline({
      nodes: { n: inlet<number>(), t: (n: number) => n },
      graph: { n: [{ to: 't', /**/when: 'isLage' }] },
    }, { registry: { isLarge: (n: number) => n > 100 } });`,
    code: MISFIT,
    says: '"isLarge"',
  },
  {
    title: 'a type guard that lets through what does not fit',
    source: `createPipeline({
      nodes: { n: inlet<number | string>(), rev: (s: string) => s },
      graph: { n: [{ /**/to: 'rev', when: (n): n is number => typeof n === 'number' }] },
    });`,
    code: MISFIT,
    says: '`n -> rev` sends number, `rev` wants string',
  },
  {
    title: 'an overflow that there is none of',
    source: `createPipeline({
      nodes: { n: inlet<number>(), t: (n: number) => n },
      graph: { n: [{ to: 't', /**/overflow: 'drop' }] },
    });`,
    code: MISFIT,
    says: '"drop"',
  },
  {
    title: 'a `keyBy` that does not take what its node is given',
    source: `createPipeline({
      nodes: { n: inlet<number>(), f: { run: (n: number) => n, /**/keyBy: (s: string) => s } },
      graph: { n: ['f'] },
    });`,
    code: MISFIT,
    says: '`keyBy` does not take what `f` is given',
  },
  {
    title: 'a `keyBy` that does not take the row of its join',
    source: `createPipeline({
      nodes: {
        n: inlet<number>(),
        f: (n: number) => n,
        j: { run: (row: { n: number; f: number }) => row, /**/keyBy: (row: { n: string }) => row.n },
      },
      graph: { n: ['f', 'j'], f: ['j'] },
    });`,
    code: MISFIT,
    says: '`keyBy` does not take what `j` is given',
  },
  {
    title: 'a `keyBy` by a name that the registry does not have',
    source: `new Plumber({
      nodes: { n: inlet<number>(), f: { run: (n: number) => n, /**/keyBy: 'customr' } },
      graph: { n: ['f'] },
    }, { registry: { customer: (n: number) => n } });`,
    code: MISFIT_WITH_HINT,
    says: '"customer"',
  },
  {
    title: 'an edge that leads back with a value that does not fit',
    source: `createPipeline({
      nodes: {
        n: inlet<number>(),
        half: { run: (n: number) => n / 2, aggregateInputs: false },
        shown: (n: number) => n.toFixed(2),
      },
      graph: { n: ['half'], half: ['shown'], shown: [{ /**/to: 'half', feedback: true }] },
    });`,
    code: MISFIT,
    says: '`shown -> half` sends string, `half` wants number',
  },
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
    title: 'an edge whose value does not fit a registered function with a schema for its args',
    source: `${SCHEMAS}createPipeline(
      { nodes: { a: inlet<number>(), b: { run: 'reverse' } }, graph: { a: [/**/'b'] } },
      { registry: { reverse: { run: (s: string) => s, args: length } } },
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
    title: 'an edge whose value does not fit the inlet of a subgraph',
    source: `const upper = new Plumber({ nodes: { s: inlet<string>(), up: (s: string) => s }, graph: { s: ['up'] } });
    createPipeline({ nodes: { n: inlet<number>(), upper }, graph: { n: [/**/'upper'] } });`,
    code: MISFIT,
    says: '`n -> upper` sends number, `upper` wants string',
  },
  {
    title: 'an edge from the sink of a subgraph whose value does not fit',
    source: `const length = new Plumber({ nodes: { s: inlet<string>(), n: (s: string) => s.length }, graph: { s: ['n'] } });
    createPipeline({
      nodes: { s: inlet<string>(), length: { run: length, queueSize: 2 }, rev: (s: string) => s },
      graph: { s: ['length'], length: [/**/'rev'] },
    });`,
    code: MISFIT,
    says: '`length -> rev` sends number, `rev` wants string',
  },
  {
    title: 'an edge whose value does not fit the subgraph of a registry name',
    source: `const upper = new Plumber({ nodes: { s: inlet<string>(), up: (s: string) => s }, graph: { s: ['up'] } });
    createPipeline({ nodes: { n: inlet<number>(), u: 'upper' }, graph: { n: [/**/'u'] } }, { registry: { upper } });`,
    code: MISFIT,
    says: '`n -> u` sends number, `u` wants string',
  },
  {
    title: 'a subgraph with several inputs that reads a branch too many',
    source: `const sum = new Plumber({
      nodes: { row: inlet<{ a: number; b: number; c: number }>(), sum: (row: { a: number; b: number }) => row.a + row.b },
      graph: { row: ['sum'] },
    });
    createPipeline({
      nodes: { a: inlet<number>(), b: inlet<number>(), sum },
      graph: { a: [/**/'sum'], b: [/**/'sum'] },
    });`,
    code: MISFIT,
    says: '`sum` reads `c`, which no edge brings it',
  },
  {
    title: 'a subgraph with several inlets',
    source: `const two = new Plumber({ nodes: { a: inlet<string>(), b: inlet<string>(), c: { run: (s: string) => s, aggregateInputs: false } }, graph: { a: ['c'], b: ['c'] } });
    createPipeline({ nodes: { s: inlet<string>(), /**/two }, graph: { s: ['two'] } });`,
    code: MISFIT,
    says: '`two` has several inlets: a graph that is a node has exactly one',
  },
  {
    title: 'a subgraph without an inlet',
    source: `const closed = new Plumber({ nodes: { *a() { yield 1; } }, graph: {} });
    createPipeline({ nodes: { s: inlet<string>(), closed: { /**/run: closed } }, graph: { s: ['closed'] } });`,
    code: MISFIT,
    says: '`closed` has no inlet: a graph that is a node has exactly one',
  },
  {
    title: 'a subgraph with several sinks, under a registry name',
    source: `const two = new Plumber({ nodes: { a: inlet<string>(), b: (s: string) => s, c: (s: string) => s }, graph: { a: ['b', 'c'] } });
    createPipeline({ nodes: { s: inlet<string>(), /**/t: 'two' }, graph: { s: ['t'] } }, { registry: { two } });`,
    code: MISFIT,
    says: '`t` has several sinks: a graph that is a node has exactly one',
  },
  {
    title: 'a subgraph that no edge leads to',
    source: `const upper = new Plumber({ nodes: { s: inlet<string>(), up: (s: string) => s }, graph: { s: ['up'] } });
    createPipeline({ nodes: { s: inlet<string>(), /**/upper }, graph: {} });`,
    code: MISFIT,
    says: 'No edge leads to `upper`, which wants an input',
  },
  {
    title: 'an option of a subgraph that is one of its nodes',
    source: `const upper = new Plumber({ nodes: { s: inlet<string>(), up: (s: string) => s }, graph: { s: ['up'] } });
    createPipeline({ nodes: { s: inlet<string>(), u: { run: upper, /**/concurrency: 2 } }, graph: { s: ['u'] } });`,
    code: UNKNOWN_KEY,
    says: `'concurrency' does not exist in type`,
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
  {
    title: 'a value that the schema of the next node does not take',
    source: `${SCHEMAS}createPipeline({
      nodes: { n: inlet<number>(), t: { run: (n: number) => n, input: length } },
      graph: { n: [/**/'t'] },
    });`,
    code: MISFIT,
    says: '`n -> t` sends number, `t` wants string',
  },
  {
    title: 'a value that the schema of one of several next nodes does not take',
    source: `${SCHEMAS}createPipeline({
      nodes: { n: inlet<number>(), s: inlet<string>(), t: { run: (n: number) => n, input: length, aggregateInputs: false } },
      graph: { n: [/**/'t'], s: ['t'] },
    });`,
    code: MISFIT,
    says: '`n -> t` sends number, `t` wants string',
  },
  {
    title: 'a branch that the schema of a join does not take',
    source: `declare const row: StandardSchema<{ n: number; m: string }>;
    createPipeline({
      nodes: { n: inlet<number>(), m: (n: number) => n, t: { run: (r: { n: number; m: string }) => r, input: row } },
      graph: { n: ['m', 't'], m: [/**/'t'] },
    });`,
    code: MISFIT,
    says: '`m -> t` sends number, `t` wants string',
  },
  {
    title: 'a schema that gives what the function does not take',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet<string>(), t: { run: (s: string) => s, /**/input: length } },
      graph: { s: ['t'] },
    });`,
    code: MISFIT,
    says: '`input` gives what the function of `t` does not take',
  },
  {
    title: 'a schema that does not take what the function returns',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet<string>(), t: { run: async (s: string) => s.length, /**/output: length } },
      graph: { s: ['t'] },
    });`,
    code: MISFIT,
    says: '`output` does not take what the function of `t` returns',
  },
  {
    title: 'a schema that does not take what a source gives',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: { run: function* () { yield 1; }, /**/output: length } },
      graph: {},
    });`,
    code: MISFIT,
    says: '`output` does not take what the function of `s` returns',
  },
  {
    title: 'a validated output that the next function does not take',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet<string>(), t: { run: (s: string) => s, output: length }, u: (s: string) => s },
      graph: { s: ['t'], t: [/**/'u'] },
    });`,
    code: MISFIT,
    says: '`t -> u` sends number, `u` wants string',
  },
  {
    title: 'a validated output of a generic function that the next one does not take',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet<string>(), t: { run: <T>(s: T) => s, output: length }, u: (s: string) => s },
      graph: { s: ['t'], t: [/**/'u'] },
    });`,
    code: MISFIT,
    says: '`t -> u` sends number, `u` wants string',
  },
  {
    title: 'what an inlet makes of its values, where the next function does not take it',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet({ input: length }), t: (s: string) => s },
      graph: { s: [/**/'t'] },
    });`,
    code: MISFIT,
    says: '`s -> t` sends number, `t` wants string',
  },
  {
    title: 'a value that the schema of an inlet does not take',
    source: `${SCHEMAS}createPipeline({ nodes: { s: { inlet: true, input: length } }, graph: {} }).push(/**/1);`,
    code: WRONG_ARGUMENT,
    says: `not assignable to parameter of type 'string'`,
  },
  {
    title: 'a schema that the registry lacks',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet<string>(), t: { run: (n: number) => n, /**/input: 'lenght' } },
      graph: { s: ['t'] },
    }, { registry: { length } });`,
    code: MISFIT_WITH_HINT,
    says: '"length"',
  },
  {
    title: 'a named schema that does not take what the function returns',
    source: `${SCHEMAS}createPipeline({
      nodes: { s: inlet<string>(), t: { run: (s: string) => s.length, /**/output: 'length' } },
      graph: { s: ['t'] },
    }, { registry: { length } });`,
    code: MISFIT,
    says: '`output` does not take what the function of `t` returns',
  },
  {
    title: 'a batch that is given to a function of one value',
    source: `createPipeline({
      nodes: { n: inlet<number>(), rows: { /**/run: (n: number) => n, batch: { size: 10, within: 5 } } },
      graph: { n: ['rows'] },
    });`,
    code: MISFIT,
    says: '`rows` is given batches: its input is an array',
  },
  {
    title: 'an edge into a batch of something else',
    source: `createPipeline({
      nodes: {
        n: inlet<number>(),
        rows: { run: (ids: readonly string[]) => ids.length, batch: { size: 10, within: 5 } },
      },
      graph: { n: [/**/'rows'] },
    });`,
    code: MISFIT,
    says: '`n -> rows` sends number, `rows` wants string',
  },
  {
    title: 'a branch of a join whose rows are gathered',
    source: `createPipeline({
      nodes: {
        a: inlet<number>(),
        b: inlet<number>(),
        rows: { run: (rows: readonly { a: number; b: string }[]) => rows.length, batch: { size: 10, within: 5 } },
      },
      graph: { a: ['rows'], b: [/**/'rows'] },
    });`,
    code: MISFIT,
    says: '`b -> rows` sends number, `rows` wants string',
  },
  {
    title: 'a batch to scatter that is no array',
    source: `createPipeline({
      nodes: {
        n: inlet<number>(),
        rows: { /**/run: async (ids: readonly number[]) => ids.length, batch: { size: 10, within: 5, scatter: true } },
      },
      graph: { n: ['rows'] },
    });`,
    code: MISFIT,
    says: '`rows` scatters its batches: it returns an array, with one element for each input',
  },
  {
    title: 'what is scattered, where it does not fit',
    source: `createPipeline({
      nodes: {
        n: inlet<number>(),
        rows: { run: (ids: readonly number[]) => ids.map(String), batch: { size: 10, within: 5, scatter: true } },
        half: (n: number) => n / 2,
      },
      graph: { n: ['rows'], rows: [/**/'half'] },
    });`,
    code: MISFIT,
    says: '`rows -> half` sends string, `half` wants number',
  },
  {
    title: 'dead letters that are gathered, at a function of one',
    source: `createPipeline({
      nodes: {
        n: inlet<number>(),
        half: { run: (n: number) => n / 2, onError: 'dead-letter' },
        dead: { /**/run: (letter: { node: string }) => letter.node, batch: { size: 10, within: 5 } },
      },
      graph: { n: ['half'] },
      deadLetter: 'dead',
    });`,
    code: MISFIT,
    says: '`dead` takes dead letters: its input is an array of `DeadLetter`',
  },
  {
    title: 'an option of a batch that is none',
    source: `createPipeline({
      nodes: { n: inlet<number>(), rows: { run: (ids: readonly number[]) => ids, batch: { size: 10, /**/withn: 5 } } },
      graph: { n: ['rows'] },
    });`,
    code: UNKNOWN_KEY_WITH_HINT,
    says: "'withn'",
  },
  {
    title: 'a function in a worker thread that no thread can find',
    source: `createPipeline({
      nodes: { n: inlet<number>(), half: { /**/run: (n: number) => n / 2, runIn: 'worker' } },
      graph: { n: ['half'] },
    });`,
    code: MISFIT,
    says: '`half` runs in a worker thread, which can only find a function that `fromModule` tells of',
  },
  {
    title: 'an edge to a worker thread whose value does not fit',
    source: `${MODULE}createPipeline({
      nodes: { n: inlet<string>(), size: { run: inModule('size'), runIn: 'worker' } },
      graph: { n: [/**/'size'] },
    });`,
    code: MISFIT,
    says: 'n -> size',
  },
  {
    title: 'a name that the module exports no function under',
    source: `${MODULE}inModule(/**/'version');`,
    code: WRONG_ARGUMENT,
    says: '"size"',
  },
  {
    title: 'a thread that there is not',
    source: `${MODULE}createPipeline({
      nodes: { n: inlet<Uint8Array>(), size: { run: inModule('size'), /**/runIn: 'thread' } },
      graph: { n: ['size'] },
    });`,
    code: MISFIT,
    says: 'RunIn',
  },
];
