import type { InputsOf } from '../pipeline/options.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { type Plumber, partsOf } from '../pipeline/plumber.ts';
import { PipelineRun } from '../pipeline/run.ts';
import type { Summary } from '../pipeline/summary.ts';
import { type Choices, random, replaying, Systematic, shrink } from './choices.ts';
import { checkExplore, type ExploreOptions } from './explore-options.ts';
import { ExploredTime } from './explored-time.ts';
import { gatedInput, gatedPlan } from './gating.ts';
import { Schedule } from './schedule.ts';
import { show } from './show.ts';

/** What one schedule led to. */
export interface Explored<Sinks = Record<string, unknown>> {
  /** What every sink returned, in the order of reading. */
  readonly outputs: { readonly [Sink in keyof Sinks]: readonly Sinks[Sink][] };
  readonly summary: Summary;
  /** What the pipeline failed with, if it did. */
  readonly error?: unknown;
  /** What happened, step by step. */
  readonly steps: readonly string[];
}

/** The property does not hold under some schedule. The cause is what the property threw. */
export class ExplorationError extends Error {
  override readonly name = 'ExplorationError';
  readonly seed: number;
  /** The schedule, for the option of that name. */
  readonly replay: string;
  /** What happened, in terms of nodes and edges; shrunk. */
  readonly steps: readonly string[];

  constructor(
    failure: Failure,
    found: { readonly run: number; readonly seed: number; readonly replay: string },
  ) {
    const { run, seed, replay } = found;
    const { reason, steps } = failure;
    super(
      [
        `run ${run} of seed ${seed} does not hold: ${reason instanceof Error ? reason.message : show(reason)}`,
        ...steps.map((step, place) => `  ${place + 1}. ${step}`),
        `To see this schedule again: explore(…, { replay: '${replay}' })`,
      ].join('\n'),
      { cause: reason },
    );
    this.seed = seed;
    this.replay = replay;
    this.steps = steps;
  }
}

interface Failure {
  readonly reason: unknown;
  readonly steps: readonly string[];
}

const TRIES_TO_SHRINK = 300;

/**
 * Runs a graph under many schedules, and checks the property after each. When an input arrives, a source sends, a call
 * begins, a call's answer or failure comes, an item of a one-to-many node is sent and an output is read, is for the
 * explorer to decide, one thing after the other, or several before the engine has come to rest. What user functions do
 * between their own awaits is theirs: two of them interleave as their promises do. Time passes when nothing else is left to
 * happen, whatever the Plumber's `clock`: a retry takes none, and a `timeout` is over where no function runs any more but
 * for those that take longer than that. What would run in a worker thread runs in this one.
 *
 * The property holds if it neither throws, rejects nor returns false. A graph that stands still before its end fails in any
 * case. Give a function that makes a Plumber if its functions keep anything from one run to the next. Inputs must be such
 * that they can be read again, such as arrays.
 *
 * Rejects with an ExplorationError that has the seed, the steps of a shrunk schedule, and what replays it. Resolves with
 * the number of schedules tried.
 *
 * @example
 * import { inlet, Plumber } from 'sluice';
 * import { explore } from 'sluice/testing';
 *
 * // Reads, waits and writes: two calls at once may read the same.
 * const counting = () => {
 *   let count = 0;
 *   const counted = async (_: string) => {
 *     const before = count;
 *     await undefined;
 *     count = before + 1;
 *     return count;
 *   };
 *   return new Plumber({
 *     nodes: { word: inlet<string>(), counted: { run: counted, concurrency: 2 } },
 *     graph: { word: ['counted'] },
 *   });
 * };
 * const reachesTwo = ({ outputs }: { outputs: { counted: readonly number[] } }) => outputs.counted.includes(2);
 * await explore(counting, { word: ['a', 'b'] }, reachesTwo, { seed: 1 }).catch((error) => console.log(error.message));
 * // prints: run 20 of seed 1 does not hold: the property is false
 * // prints:   1. word receives "a" -> counted
 * // prints:   2. word receives "b" -> counted
 * // prints:   3. counted takes "a", and at once
 * // prints:   4. counted takes "b"
 * // prints:   5. counted gives 1
 * // prints:   6. counted gives 1
 * // prints:   7. 1 of counted is read
 * // prints:   8. 1 of counted is read
 * // prints: To see this schedule again: explore(…, { replay: '0.0.1.0.0.1' })
 *
 * @throws ExplorationError as a rejection
 */
export async function explore<Inlets, Sinks>(
  plumber: Plumber<Inlets, Sinks> | (() => Plumber<Inlets, Sinks>),
  inputs: NoInfer<InputsOf<Inlets>>,
  property: (run: Explored<NoInfer<Sinks>>) => unknown,
  options: ExploreOptions = {},
): Promise<number> {
  checkExplore(options);
  const { runs = 100, seed = Math.floor(Math.random() * 2 ** 31), mode = 'random', replay, env } = options;
  const make = typeof plumber === 'function' ? plumber : () => plumber;
  const check = (choices: Choices): Promise<Failure | undefined> =>
    checkOne(make(), inputs as Record<string, unknown>, property as (run: Explored) => unknown, choices, env);

  const systematic = new Systematic();
  const most = replay === undefined ? runs : 1;
  for (let run = 1; run <= most; run++) {
    const choices = nextOf();
    if (choices === undefined) return run - 1;
    let failure = await check(choices);
    if (mode === 'systematic') systematic.branchOff(choices, runs);
    if (failure === undefined) continue;
    const picks = await shrink(
      choices.picked,
      async (candidate) => {
        const smaller = await check(replaying(candidate));
        failure = smaller ?? failure;
        return smaller !== undefined;
      },
      replay === undefined ? TRIES_TO_SHRINK : 0,
    );
    throw new ExplorationError(failure, { run, seed, replay: picks.join('.') });

    function nextOf(): Choices | undefined {
      if (replay !== undefined) return replaying(replay.split('.').map(Number));
      return mode === 'systematic' ? systematic.next() : random(seed + run * 0x9e3779b1);
    }
  }
  return most;
}

/** Runs a graph under one schedule; resolves with what is wrong, if anything is. */
async function checkOne(
  plumber: object,
  inputs: Readonly<Record<string, unknown>>,
  property: (run: Explored) => unknown,
  choices: Choices,
  env: unknown,
): Promise<Failure | undefined> {
  const { plan, options } = partsOf(plumber);
  const clock = new ExploredTime();
  const schedule = new Schedule(choices, clock);
  const feeds = Object.entries(inputs).map(([name, items]) => [
    name,
    gatedInput(name, items, plan, schedule),
  ]);
  // Inlets without input are closed, or the run would have no end.
  const closed = plan.inlets.map(({ name }) => [name, []]);
  const run = new PipelineRun(
    gatedPlan(plan, schedule),
    { ...options, clock },
    {
      inputs: Object.fromEntries([...closed, ...feeds]),
      ...(env !== undefined && { env }),
    },
  );
  const pipeline = new Pipeline(run);
  let error: { readonly reason: unknown } | undefined;
  const outputs: Record<string, unknown[]> = {};
  const readers = plan.sinkNames.map(async (sink) => {
    const values: unknown[] = [];
    outputs[sink] = values;
    for await (const value of pipeline.outputs(sink)) {
      await schedule.point(`${show(value)} of ${sink} is read`);
      values.push(value);
    }
  });
  const done = pipeline.done.catch((reason: unknown) => {
    error = { reason };
  });
  const isOver = await schedule.drive(Promise.allSettled([done, ...readers]));
  schedule.open();
  const summary = pipeline.metrics();
  const { steps } = schedule;
  if (!isOver) {
    // It may be unable to end even so: nobody waits for that.
    pipeline.abort();
    return { reason: new Error(`the graph stands still; ${unfinished(summary)}`), steps };
  }
  try {
    const { reason } = error ?? {};
    const verdict = await property({
      outputs,
      summary,
      steps,
      ...(error !== undefined && { error: reason }),
    });
    return verdict === false ? { reason: new Error('the property is false'), steps } : undefined;
  } catch (reason) {
    return { reason, steps };
  }
}

/** What is left in queues and hands. */
function unfinished({ nodes, edges }: Summary): string {
  const queued = edges.flatMap(({ from, to, queued }) =>
    queued > 0 ? [`${queued} in ${from} -> ${to}`] : [],
  );
  const inHand = Object.entries(nodes).flatMap(([name, { inFlight }]) =>
    inFlight > 0 ? [`${inFlight} in the hands of ${name}`] : [],
  );
  return [...queued, ...inHand].join(', ') || 'nothing is in its queues';
}
