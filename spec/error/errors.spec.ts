import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError, type Problem } from '../../lib/error/graph-error.ts';
import { OverflowError } from '../../lib/error/overflow-error.ts';
import { ProcessorError, reasonOf } from '../../lib/error/processor-error.ts';
import { SluiceError } from '../../lib/error/sluice-error.ts';
import { StallError } from '../../lib/error/stall-error.ts';
import { StoppedError } from '../../lib/error/stopped-error.ts';
import { TimeoutError } from '../../lib/error/timeout-error.ts';
import { ValidationError } from '../../lib/error/validation-error.ts';

const problem: Problem = { code: 'no-nodes', path: 'nodes', message: 'is empty' };
const each = [
  ['GraphError', 'GRAPH', new GraphError([problem])],
  ['ProcessorError', 'PROCESSOR', new ProcessorError('pair', 'run', undefined, new Error('no'))],
  ['StallError', 'STALL', new StallError([])],
  ['OverflowError', 'OVERFLOW', new OverflowError('pair', 'word', 16)],
  ['OverflowError', 'OVERFLOW', new OverflowError('word', undefined, 16)],
  ['StoppedError', 'STOPPED', new StoppedError('STOPPED', 'the inlet is closed')],
  ['TimeoutError', 'TIMEOUT', new TimeoutError(50)],
  ['ValidationError', 'VALIDATION', new ValidationError([{ message: 'no' }])],
  ['StoppedError', 'ABORTED', new StoppedError('ABORTED', 'the call was aborted')],
] as const;

describe('an error of this package', () => {
  it.for(each)('has its class for a name and a code: %s, %s', ([name, code, error]) => {
    expect([error.name, error.code]).toEqual([name, code]);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(new RegExp(`^${name}: `));
  });

  it.for(each)('is known by its brand: %s, %s', ([, , error]) => {
    expect(SluiceError.is(error)).toBe(true);
  });

  it('is known by its brand when a second copy of the package made it', () => {
    const other = Object.defineProperty(new Error('no'), Symbol.for('sluice.error'), { value: true });

    expect(other).not.toBeInstanceOf(SluiceError);
    expect(SluiceError.is(other)).toBe(true);
  });

  it.for([[new Error('no')], [{ code: 'GRAPH' }], [null], [undefined], ['GRAPH'], [() => 1]])(
    'is not %o',
    ([value]) => {
      expect(SluiceError.is(value)).toBe(false);
    },
  );

  it('does not show its brand where it is logged', () => {
    expect(
      Reflect.ownKeys(each[0][2]).filter((key) => typeof key === 'symbol' && Object.keys({ [key]: 1 })),
    ).toHaveLength(1);
    expect(Object.getOwnPropertyDescriptor(each[0][2], Symbol.for('sluice.error'))?.enumerable).toBe(false);
  });
});

describe('a ValidationError', () => {
  it('says where each issue is, by keys or segments', () => {
    const issues = [
      { message: 'no number', path: ['rows', 2, { key: 'id' }, Symbol('x')] },
      { message: 'too short', path: [] },
      { message: 'too late' },
    ];

    const error = new ValidationError(issues);

    expect(error.message).toBe('rows.2.id.Symbol(x): no number; too short; too late');
    expect(error.issues).toBe(issues);
  });

  it('has words also for a validator that names no issue', () => {
    expect(new ValidationError([]).message).toBe('the value does not fit');
  });
});

describe('a StallError', () => {
  it('prints who waits for what', () => {
    const room = { queued: 1, queueSize: 1, for: 'room' } as const;
    const { message } = new StallError([
      { node: 'src', from: 'src', to: 'b', ...room },
      { node: 'b', from: 'b', to: 'join', ...room },
      { node: 'join', from: 'a', to: 'join', for: 'input', queued: 0, queueSize: 1 },
    ]);

    expect(message).toContain(
      'src waits: src -> b is full (1/1); b waits: b -> join is full (1/1); join waits: a -> join is empty',
    );
  });

  it('names the edge that too much would come back by', () => {
    const { message } = new StallError([
      { node: 'head', from: 'body', to: 'head', for: 'loop', queued: 1, queueSize: 4 },
    ]);

    expect(message).toContain('head waits: the loop of body -> head is full');
  });
});

describe('a GraphError', () => {
  it('of one problem says where it is and what is wrong', () => {
    expect(new GraphError([problem]).message).toBe('nodes: is empty');
  });

  it('of several counts them and says a line for each', () => {
    const error = new GraphError([problem, { ...problem, path: 'nodes.b' }]);

    expect(error.message.split('\n')).toHaveLength(3);
    expect(error.message).toContain('2 problems');
    expect(error.message).toContain('nodes.b: is empty');
  });

  it('keeps the problems in the order in which they were found', () => {
    const problems = [problem, { ...problem, path: 'a' }, { ...problem, path: 'b' }];

    expect(new GraphError(problems).problems).toEqual(problems);
  });
});

describe('a ProcessorError', () => {
  const cause = new TypeError('it is no number');
  const error = new ProcessorError('sum', 'run', { payload: 'x' }, cause, 3);

  it('names the node, the phase and the reason', () => {
    expect(error.message).toContain('sum');
    expect(error.message).toContain('run');
    expect(error.message).toContain('it is no number');
    expect([error.node, error.phase]).toEqual(['sum', 'run']);
  });

  it('keeps the message it worked on, the cause, and how often it was tried', () => {
    expect(error.input).toEqual({ payload: 'x' });
    expect(error.cause).toBe(cause);
    expect(error.attempts).toBe(3);
  });

  it('was tried once unless it is told otherwise', () => {
    expect(new ProcessorError('sum', 'setup', undefined, cause).attempts).toBe(1);
  });

  it('keeps a cause that is undefined: a throw of nothing is a failure, too', () => {
    const thrown = new ProcessorError('sum', 'run', undefined, undefined);

    expect('cause' in thrown).toBe(true);
    expect(thrown.cause).toBeUndefined();
  });
});

describe('a StoppedError', () => {
  it('says what is over, and why if a reason was given', () => {
    expect(new StoppedError('STOPPED', 'the inlet is closed').message).toBe('the inlet is closed');
    expect(new StoppedError('ABORTED', 'the call was aborted', { cause: 'too slow' }).message).toBe(
      'the call was aborted: too slow',
    );
  });

  it('keeps the reason as its cause', () => {
    const cause = new Error('the socket was closed');

    expect(new StoppedError('ABORTED', 'the call was aborted', { cause }).cause).toBe(cause);
  });

  it('names the stragglers, if there are any', () => {
    const error = new StoppedError('ABORTED', 'the pipeline was aborted', { stragglers: ['fetch', 'write'] });

    expect(error.stragglers).toEqual(['fetch', 'write']);
    expect(error.message).toContain('fetch, write');
    expect(new StoppedError('ABORTED', 'over').stragglers).toEqual([]);
  });
});

describe('a StoppedError that learns of stragglers', () => {
  const error = new StoppedError('ABORTED', 'not drained within 5 ms', { cause: 'enough' });

  it('is the same with their names', () => {
    const named = error.naming(['fetch']);

    expect([named.code, named.cause, named.stragglers]).toEqual(['ABORTED', 'enough', ['fetch']]);
    expect(named.message).toBe('not drained within 5 ms: enough (still running: fetch)');
  });

  it('is itself when there are none', () => {
    expect(error.naming([])).toBe(error);
  });
});

describe('the reason for a failure', () => {
  it.for([
    [new Error('no'), 'no'],
    [new TypeError(), 'TypeError'],
    ['no', 'no'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('no'), 'Symbol(no)'],
    [Object.create(null), 'object'],
  ] as const)('is put in words, whatever was thrown: %o', ([cause, words]) => {
    expect(reasonOf(cause)).toBe(words);
  });

  it.for([
    ['a symbol', { message: Symbol('no') }, 'Symbol(no)'],
    ['an object that is no text', { message: Object.create(null) }, 'object'],
    ['a number', { message: 42 }, '42'],
    ['nothing, and a symbol for a name', { message: '', name: Symbol('no') }, 'Symbol(no)'],
  ] as const)('is put in words also of an error whose message is %s', ([, fields, words]) => {
    expect(reasonOf(Object.assign(new Error('no'), fields))).toBe(words);
  });

  it('is put in words without ever throwing', () => {
    const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true });
    const causes = fc.oneof(
      anything,
      anything.map((message) => Object.assign(new Error('no'), { message })),
      fc.constant({
        toString() {
          throw new Error('not even that');
        },
      }),
    );

    fc.assert(
      fc.property(causes, (cause) => {
        expect(typeof reasonOf(cause)).toBe('string');
        expect(new ProcessorError('sum', 'run', undefined, cause).message).toContain(reasonOf(cause));
      }),
    );
  });
});
