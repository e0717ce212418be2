import { LiveMessage, type Run } from '../../lib/queue/message.ts';
import { Origin, type Owner } from '../../lib/queue/origin.ts';

/** A caller that keeps count of what is told to it. */
export class FakeOwner implements Owner {
  isSettled = false;
  alive = 0;
  readonly collected: unknown[] = [];
  readonly failures: unknown[] = [];
  readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  hold(count: number): void {
    this.alive += count;
  }

  release(): void {
    this.alive--;
  }

  collect(sink: string, value: unknown): void {
    this.collected.push([sink, value]);
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }
}

/** A run whose ids and times show what they were made from. */
export const run: Run = {
  idOf: (number) => `id ${number}`,
  timeOf: (stamp) => 1000 + stamp,
};

/** A message of the node `a`, whose payload is its number. */
export function message(number: number, owner?: Owner, node = 'a'): LiveMessage<number> {
  return new LiveMessage(number, new Origin(number, owner), number, undefined, { name: node, run }, number);
}
