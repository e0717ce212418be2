import { ProcessorError } from '../error/processor-error.ts';
import type { AnyFunction } from '../graph/definition.ts';
import { NodeContext } from '../processor/context.ts';
import type { Processor } from '../processor/processor.ts';
import { within } from '../support/async-context.ts';
import { nextTurn } from '../support/scheduler.ts';

type LifeFunction = (context: NodeContext) => unknown;

/**
 * `setup` and `teardown`: each setup that succeeded has its teardown, once, in reverse order. Nodes that have only one of
 * the two are treated as if the other did nothing.
 */
export class Life {
  readonly #nodes: readonly Processor[];
  readonly #toTearDown: Processor[] = [];
  readonly #onError: (error: ProcessorError) => void;
  #busy: Processor | undefined;
  #isOver = false;

  constructor(nodes: readonly Processor[], onError: (error: ProcessorError) => void) {
    this.#nodes = nodes.filter(
      ({ plan: { setup, teardown } }) => setup !== undefined || teardown !== undefined,
    );
    this.#onError = onError;
  }

  /** The node whose setup or teardown is running. */
  get busy(): string | undefined {
    return this.#busy?.name;
  }

  /** Runs the setups one after the other, until one fails or it is no longer wanted. */
  async setUp(isWanted: () => boolean): Promise<void> {
    for (const node of this.#nodes) {
      if (!isWanted()) return;
      this.#busy = node;
      try {
        node.state = await callLife(node.plan.setup, node);
      } catch (error) {
        this.#onError(new ProcessorError(node.name, 'setup', undefined, error));
        return;
      } finally {
        this.#busy = undefined;
      }
      // One that took longer than an abort could wait for is on its own.
      if (this.#isOver) await this.#tearDown(node);
      else this.#toTearDown.push(node);
    }
  }

  /** Runs the teardowns; one that outlasts `graceOver` is no longer awaited. Returns the nodes of those. */
  async tearDown(graceOver: Promise<void>): Promise<string[]> {
    const late: string[] = [];
    this.#isOver = true;
    for (let node = this.#toTearDown.pop(); node !== undefined; node = this.#toTearDown.pop()) {
      const name = node.name;
      this.#busy = node;
      const isLate = await Promise.race([
        this.#tearDown(node).then(() => false),
        // Even when the grace is over, what needs no time is not late.
        graceOver.then(nextTurn).then(() => true),
      ]);
      if (isLate) late.push(name);
    }
    this.#busy = undefined;
    return late;
  }

  async #tearDown(node: Processor): Promise<void> {
    try {
      await callLife(node.plan.teardown, node);
    } catch (error) {
      this.#onError(new ProcessorError(node.name, 'teardown', undefined, error));
    }
  }
}

function callLife(fn: AnyFunction | undefined, node: Processor): unknown {
  return fn && within(node.run.scope, fn as LifeFunction, new NodeContext(node));
}
