import { expect } from 'vitest';

export type Kind = 'value' | 'skip' | 'fail';

/** One value that was handed in, and how things stood. */
export interface Handed {
  readonly value: string;
  readonly kind: Kind;
  readonly how: 'push' | 'call';
  readonly wasOpen: boolean;
}

type Outcome = PromiseSettledResult<unknown>;
const codeOf = ({ reason }: PromiseRejectedResult): string => (reason as { code: string }).code;

/** How a pipeline lives: what may become of each value, and how it all ends. No queue, no time, no order of events. */
export class LifeModel {
  isCreated = false;
  /** Nobody has closed, stopped, aborted or disposed of it. */
  isOpen = true;
  isAborted = false;
  readonly handed: Handed[] = [];
  /** Readers, by how many values had been handed in when they came, and whether they have left. */
  readonly readers: { readonly from: number; hasLeft: boolean }[] = [];
  /** Listeners to its end that came before anything could have ended it. */
  listeners = 0;

  hand(kind: Kind, how: 'push' | 'call'): string {
    const value = `${kind} ${this.handed.length}`;
    this.handed.push({ value, kind, how, wasOpen: this.isOpen });
    return value;
  }

  /** A push that fails belongs to nobody, so the pipeline fails with it; unless it was aborted before that. */
  get mayFail(): boolean {
    return this.handed.some(({ kind, how, wasOpen }) => wasOpen && how === 'push' && kind === 'fail');
  }

  get mayBeCut(): boolean {
    return this.isAborted || this.mayFail;
  }

  /** The codes a promise may reject with; none: it must not. */
  codesOf({ kind, how, wasOpen }: Handed): readonly string[] {
    const own = wasOpen && kind === 'fail' && how === 'call' ? ['PROCESSOR'] : [];
    return wasOpen && !this.mayBeCut ? own : [...own, 'ABORTED', 'STOPPED'];
  }

  checkHanded(outcomes: readonly Outcome[]): void {
    for (const [i, handed] of this.handed.entries()) {
      const outcome = outcomes[i] as Outcome;
      const codes = this.codesOf(handed);
      const mustReject = !handed.wasOpen || (handed.kind === 'fail' && handed.how === 'call');
      if (outcome.status === 'rejected') expect(codes).toContain(codeOf(outcome));
      else {
        expect(mustReject).toBe(false);
        const out = handed.kind === 'value' ? [`${handed.value}!`] : [];
        expect(outcome.value).toEqual(handed.how === 'call' ? { out } : undefined);
      }
    }
  }

  checkDone(done: Outcome): void {
    if (done.status === 'fulfilled') expect(this.isAborted && this.mayFail).toBe(false);
    else expect(this.mayBeCut ? ['ABORTED', 'PROCESSOR'] : []).toContain(codeOf(done));
  }

  /** Readers get what was pushed after they came, in order: all of it, unless they left or it was cut short. */
  checkRead(values: readonly (readonly unknown[])[]): void {
    for (const [i, { from, hasLeft }] of this.readers.entries()) {
      const due = this.handed
        .filter(({ kind, how, wasOpen }) => wasOpen && kind === 'value' && how === 'push')
        .map(({ value }) => `${value}!`);
      const mine = due.filter((value) => Number(value.slice(6, -1)) >= from);
      const read = values[i] as readonly unknown[];
      if (hasLeft || this.mayBeCut) expect(due.filter((value) => read.includes(value))).toEqual(read);
      else expect(read.filter((value) => mine.includes(value as string))).toEqual(mine);
    }
  }
}
