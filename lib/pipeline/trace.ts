/**
 * One message on its way, and what each node that took it did with it. One that was made of several, at a join, is the same
 * object below each of them.
 */
export interface TracedMessage {
  readonly id: string;
  /** The node that sent it. */
  readonly node: string;
  readonly calls: readonly TracedCall[];
}

/** What one node did with a message; at a join, with the row it was part of. */
export interface TracedCall {
  readonly node: string;
  readonly outcome: 'running' | 'returned' | 'failed';
  /** From when the message was sent until the function was called, in ms: in the queue, or for the rest of its row. */
  readonly waited: number;
  /** From when the function was called until its promise settled, or until now, in ms. */
  readonly ran: number;
  /** What it made of it. */
  readonly sent: readonly TracedMessage[];
}

/** What became of one input: the tree of its messages. `String(trace)` draws it as text. */
export class Trace {
  /** The message of the source or inlet, with all that descends from it. */
  readonly input: TracedMessage;

  /** @internal */
  constructor(input: TracedMessage) {
    this.input = input;
  }

  /** A line for each call, indented below the one whose output it took; what follows from a join is told once. */
  toString(): string {
    const lines = [`${this.input.node} ${this.input.id}`];
    const told = new Set<TracedMessage>();
    const add = (message: TracedMessage, indent: string): void => {
      if (told.has(message) && message.calls.length > 0) {
        lines.push(`${indent}-> ${message.calls.map(({ node }) => node).join(', ')}: see above`);
        return;
      }
      told.add(message);
      for (const call of message.calls) {
        lines.push(`${indent}-> ${call.node}: ${inWords(call)}`);
        for (const sent of call.sent) add(sent, `${indent}   `);
      }
    };
    add(this.input, '');
    return lines.join('\n');
  }

  /** The tree as a Mermaid flowchart; what follows from a join is drawn once, with an arrow from each of its branches. */
  toMermaid(): string {
    const lines = ['flowchart LR', `  c0(["${this.input.node}"])`];
    const drawn = new Map<TracedMessage, readonly number[]>();
    let last = 0;
    const add = (message: TracedMessage, from: number): void => {
      const known = drawn.get(message);
      const places = known ?? message.calls.map(() => ++last);
      drawn.set(message, places);
      for (const [i, call] of message.calls.entries()) {
        const place = places[i] as number;
        if (known === undefined) lines.push(`  c${place}["${call.node}<br>${inWords(call)}"]`);
        lines.push(`  c${from} --> c${place}`);
        if (known === undefined) for (const sent of call.sent) add(sent, place);
      }
    };
    add(this.input, 0);
    return `${lines.join('\n')}\n`;
  }
}

function inWords({ outcome, waited, ran, sent }: TracedCall): string {
  const times = `waited ${waited.toFixed(1)} ms, ${outcome === 'running' ? 'running for' : 'ran'} ${ran.toFixed(1)} ms`;
  if (outcome === 'running') return times;
  return `${times}, ${outcome === 'failed' ? 'failed' : `sent ${sent.length}`}`;
}
