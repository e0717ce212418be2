import fc from 'fast-check';
import { type DeadLetter, Plumber } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { callable, everything, type Features, graphs, runs } from './arbitrary.ts';
import { type Attempts, attempts, whileTimePasses, withAttempts } from './attempts.ts';
import { createProbe, inputsOf, toDefinition } from './definition.ts';
import { type Graph, joinsLanes, type Text } from './graph.ts';
import { interpret } from './interpreter.ts';
import { type AnyPipeline, run, type Summary } from './run.ts';

/** A graph whose calls fail, time out and are tried again. */
function start(graph: Graph, plan: Attempts) {
  const probe = createProbe();
  const clock = virtualClock();
  const letters: DeadLetter[] = [];
  const onLetter = (letter: DeadLetter): void => void letters.push(letter);
  const definition = withAttempts(toDefinition(graph, probe), graph, plan, onLetter);
  const plumber = new Plumber(definition, { clock, random: () => 0.5 });
  const pipeline: AnyPipeline = plumber.createPipeline({ inputs: inputsOf(graph, probe) });
  if (plan.letters === 'heard') pipeline.on('deadLetter', onLetter);
  const reading = plan.letters === 'read' ? readLetters(pipeline, onLetter) : Promise.resolve();
  return { probe, clock, letters, pipeline, reading };
}

async function readLetters(pipeline: AnyPipeline, onLetter: (letter: DeadLetter) => void): Promise<void> {
  for await (const letter of pipeline.deadLetters()) onLetter(letter);
}

describe('with calls that fail, take too long, and are tried again', () => {
  it('outputs are those of functions that never fail for a while (law 5), and every message and letter is accounted for (law 1)', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ nested: false }), attempts, async (graph, plan) => {
        const { probe, clock, letters, pipeline, reading } = start(graph, plan);
        const unbalanced: unknown[] = [];
        for (const event of ['message', 'error', 'nodeEnd'] as const)
          pipeline.on(event, () => unbalanced.push(...faultsOf(pipeline.metrics())));
        const { outputs, read, fed } = run(graph, pipeline, probe);
        const [summary] = await whileTimePasses(Promise.all([pipeline.done, read, fed, reading]), clock);

        expect(unbalanced).toEqual([]);
        expect(outputs).toEqual(interpret(graph));
        expect(Object.values(summary.nodes).filter(({ inFlight }) => inFlight > 0)).toEqual([]);
        const deadLettered = Object.values(summary.nodes).reduce((sum, node) => sum + node.deadLettered, 0);
        expect(letters.length + summary.unreadDeadLetters).toBe(deadLettered);
        if (plan.letters !== 'left') expect(summary.unreadDeadLetters).toBe(0);
        expect(letters.every(({ attempts, error }) => attempts === error.attempts)).toBe(true);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: runs },
    );
  });

  it('every call settles with its own outputs (law 6), and nothing is unhandled (law 8)', async () => {
    const called: Features = { ...callable, roots: ['push'], mostRoots: 1, mostItems: 0 };
    const unhandled = await unhandledDuring(() =>
      fc.assert(
        fc.asyncProperty(
          graphs({ ...called, nested: false }),
          attempts,
          fc.integer({ min: 1, max: 5 }),
          async (graph, plan, count) => {
            const { clock, pipeline } = start(graph, plan);
            const calls = Array.from({ length: count }, (_, i) => pipeline.call(`A${i}`));
            const outcomes = await whileTimePasses(Promise.all(calls), clock);
            await whileTimePasses(pipeline.stop(), clock);

            for (const [i, outputs] of outcomes.entries()) {
              const { dead, ...own } = outputs as Record<string, Text[]>;
              expect(sorted(own)).toEqual(sorted(interpret(graph, () => [`A${i}`])));
            }
            expect(clock.pending).toBe(0);
          },
        ),
        { numRuns: runs },
      ),
    );

    expect(unhandled).toEqual([]);
  });

  it('an abort at any moment ends it, counts what it found, and leaves no timer (laws 1 and 7)', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs({ ...everything, nested: false }),
        attempts,
        fc.nat(60),
        async (graph, plan, moment) => {
          const { probe, clock, pipeline, reading } = start(graph, plan);
          let steps = 0;
          probe.onCall = () => {
            if (steps++ === moment) pipeline.abort();
          };
          const driven = run(graph, pipeline, probe);
          const end = Promise.allSettled([pipeline.done, reading, driven.read, driven.fed]);
          await whileTimePasses(end, clock);
          await turns(3);
          const summary = pipeline.metrics();

          expect(faultsOf(summary)).toEqual([]);
          expect(summary.edges.filter(({ queued }) => queued > 0)).toEqual([]);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: runs },
    );
  });

  it('a failure that nothing absorbs ends the pipeline with its own error, after all attempts (law 8)', async () => {
    const failing: Features = { roots: ['source'], outcomes: ['pass', 'throw', 'reject'] };
    await fc.assert(
      fc.asyncProperty(graphs({ ...failing, nested: false }), attempts, async (graph, plan) => {
        const { clock, pipeline, probe, reading } = start(graph, { ...plan, onError: 'fail' as 'skip' });
        const driven = run(graph, pipeline, probe);
        const outcomes = await whileTimePasses(
          Promise.all([Promise.allSettled([pipeline.done, reading]), driven.read]),
          clock,
        );
        const [done] = outcomes[0];

        const fails = Object.values(pipeline.metrics().nodes).some(({ failed }) => failed > 0);
        expect(done.status).toBe(fails ? 'rejected' : 'fulfilled');
        if (done.status === 'rejected') expect(done.reason).toMatchObject({ code: 'PROCESSOR' });
        if (!joinsLanes(graph) && !fails) expect(driven.outputs).toEqual(interpret(graph));
        expect(clock.pending).toBe(0);
      }),
      { numRuns: runs },
    );
  });
});

/** Nodes and edges whose counters do not add up. */
function faultsOf({ nodes, edges }: Summary): unknown[] {
  return [
    ...Object.entries(nodes).filter(([, node]) => {
      const { received, processed, skipped, failed, deadLettered, discarded, inFlight } = node;
      const sum = processed + skipped + failed + deadLettered + discarded + inFlight;
      return received !== sum || inFlight < 0;
    }),
    ...edges.filter(({ accepted, taken, queued, unpaired, discarded }) => {
      return accepted !== taken + queued + unpaired + discarded || taken < 0;
    }),
  ];
}

function sorted(outputs: Readonly<Record<string, readonly Text[]>>): Record<string, Text[]> {
  return Object.fromEntries(Object.entries(outputs).map(([sink, values]) => [sink, values.toSorted()]));
}
