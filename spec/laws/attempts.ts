import fc from 'fast-check';
import type { DeadLetter, Definition, NodeObject } from 'sluice';
import type { VirtualClock } from 'sluice/testing';
import { turn } from '../support/turns.ts';
import { at, type Graph, textOf } from './graph.ts';

/** What is put around the functions of a graph. */
export interface Attempts {
  /** How its first attempts at an input fail, for one input after the other; fewer than there are attempts. */
  readonly flaws: readonly (readonly ('throw' | 'reject' | 'deaf')[])[];
  readonly delay: number;
  readonly jitter: number;
  readonly onError: 'skip' | 'dead-letter' | 'either';
  readonly letters: 'to a node' | 'read' | 'heard' | 'left';
}

const flaw = fc.constantFrom('throw' as const, 'reject' as const, 'deaf' as const);

export const attempts: fc.Arbitrary<Attempts> = fc.record({
  flaws: fc.array(fc.array(flaw, { maxLength: 2 }), { minLength: 1, maxLength: 4 }),
  delay: fc.constantFrom(0, 10, 100),
  jitter: fc.constantFrom(0, 0.5, 1),
  onError: fc.constantFrom('skip' as const, 'dead-letter' as const, 'either' as const),
  letters: fc.constantFrom('to a node' as const, 'read' as const, 'heard' as const, 'left' as const),
});

/** The same graph, whose functions fail before they do what they did, and are tried again. */
export function withAttempts(
  definition: Definition,
  graph: Graph,
  plan: Attempts,
  onLetter: (letter: DeadLetter) => void,
): Definition {
  const nodes = graph.nodes.map((node) => {
    const spec = definition.nodes[node.name] as NodeObject;
    if (node.kind !== 'transform') return [node.name, spec];
    const retry = { attempts: 3, delay: plan.delay, jitter: plan.jitter };
    let failures = 0;
    const either = () => (failures++ % 2 === 0 ? 'skip' : 'dead-letter');
    const onError = plan.onError === 'either' ? either : plan.onError;
    // A deaf function holds its key for ever.
    const run = flawed(spec.run as (...args: unknown[]) => unknown, plan, node.keys === undefined);
    // Far longer than any function takes that is not deaf.
    return [
      node.name,
      { ...spec, many: spec.many ?? node.many !== undefined, run, retry, onError, timeout: 2000 },
    ];
  });
  const slow = async (letter: DeadLetter): Promise<void> => {
    await turn();
    onLetter(letter);
  };
  const dead = plan.letters === 'to a node' ? { dead: { run: slow, queueSize: 1 } } : {};
  return {
    nodes: { ...Object.fromEntries(nodes), ...dead },
    graph: definition.graph,
    ...(plan.letters === 'to a node' && { deadLetter: 'dead' }),
  };
}

function flawed(run: (...args: unknown[]) => unknown, plan: Attempts, mayBeDeaf: boolean) {
  const tries = new Map<string, number>();
  const numbers = new Map<string, number>();
  return (input: unknown, context: unknown): unknown => {
    const text = textOf(input);
    const tried = tries.get(text) ?? 0;
    tries.set(text, tried + 1);
    if (!numbers.has(text)) numbers.set(text, numbers.size);
    const flaw = at(plan.flaws, numbers.get(text) as number)[tried];
    if (flaw === 'reject') return Promise.reject(new Error('flawed'));
    if (flaw === 'throw' || (flaw === 'deaf' && !mayBeDeaf)) throw new Error('flawed');
    return flaw === 'deaf' ? new Promise(() => {}) : run(input, context);
  };
}

/** Lets virtual time pass with the turns of the event loop, until a promise has settled. */
export async function whileTimePasses<T>(promise: Promise<T>, clock: VirtualClock): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  for (let passed = 0; !isSettled; passed++) {
    if (passed > 200_000) throw new Error('time passes, and nothing happens any more');
    await turn();
    await clock.advance(20);
  }
  return promise;
}
