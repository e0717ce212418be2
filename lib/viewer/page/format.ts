import type { NodeFrame, State } from '../protocol.ts';

/** A count or a rate in four characters or so: `950`, `1.2k`, `34M`. */
export function short(value: number): string {
  if (value === 0) return '0';
  if (value < 10) return String(Number(value.toFixed(1)));
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (value >= size * 0.9995)
      return `${Number((value / size).toPrecision(value >= size * 100 ? 3 : 2))}${unit}`;
  }
  return String(Math.round(value));
}

/** A count to be compared with others: `1,016`; where that would be too long `120k`. */
export function count(value: number): string {
  return value < 100_000 ? Math.round(value).toLocaleString('en') : short(value);
}

/** `1 message`, `1,016 messages`. */
export function messages(value: number): string {
  return `${count(value)} ${value === 1 ? 'message' : 'messages'}`;
}

export function rate(perSecond: number): string {
  return `${short(perSecond)}/s`;
}

/** `40 µs`, `12 ms`, `3.1 s`; nothing known is a dash. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms >= 1000) return `${two(ms / 1000)} s`;
  if (ms >= 1 || ms === 0) return `${two(ms)} ms`;
  return ms < 0.001 ? '<1 µs' : `${two(ms * 1000)} µs`;
}

function two(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(2));
}

export function time(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], { hour12: false });
}

/** No more than so many characters; what is cut off is in the middle, where names differ least. */
export function fitted(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = Math.floor((longest - 1) / 2);
  return `${text.slice(0, longest - 1 - end)}…${text.slice(text.length - end)}`;
}

const ORDER: readonly State[] = ['paused', 'running', 'blocked', 'idle', 'ended'];

/** What each state means, for those who do not know it. */
export const MEANINGS: Readonly<Record<State, string>> = {
  running: 'it works',
  blocked: 'it waits for room: a queue or a loop after it is full',
  idle: 'it has nothing to do',
  paused: 'the viewer holds it',
  ended: 'it has sent its last message',
};

/** The state that says most of a node: in one pipeline the only one. */
export function stateOf({ states }: NodeFrame): State | 'unknown' {
  if (!states.paused && (states.blocked ?? 0) > (states.running ?? 0)) return 'blocked';
  return ORDER.find((state) => (states[state] ?? 0) > 0) ?? 'unknown';
}

/** `running`; of several pipelines `3 running, 12 idle`. */
export function statesText({ states }: NodeFrame): string {
  return textOf(Object.entries(states), ORDER.length);
}

/** The same in no more room than a box has: of more than two states, the one that most pipelines are in. */
export function boxStates({ states }: NodeFrame): string {
  return textOf(Object.entries(states), 2);
}

function textOf(states: readonly (readonly [string, number])[], most: number): string {
  const found = ORDER.flatMap((state) => states.filter(([name, count]) => name === state && count > 0));
  const [only] = found;
  if (only === undefined) return 'no pipeline';
  if (found.length === 1 && only[1] === 1) return only[0];
  const said = found.length <= most ? found : found.toSorted(([, one], [, other]) => other - one);
  const others = said.slice(most - 1).reduce((sum, [, count]) => sum + count, 0);
  const parts = found.length <= most ? said : [...said.slice(0, most - 1), ['others', others] as const];
  return parts.map(([state, count]) => `${short(count)} ${state}`).join(', ');
}

/** A node in a sentence, for those who hear it. */
export function nodeText(name: string, frame: NodeFrame | undefined): string {
  if (frame === undefined) return name;
  const { perSecond, failed, p99Ms } = frame;
  const parts = [statesText(frame), `${short(perSecond)} per second`];
  if (failed > 0) parts.push(`${messages(failed)} failed`);
  if (p99Ms !== null) parts.push(`99 % of calls within ${duration(p99Ms)}`);
  return `${name}: ${parts.join(', ')}`;
}
