import { inspect } from 'node:util';

/** Characters of what is shown. */
const LONGEST = { text: 600, stack: 2000, payload: 300 } as const;
/** Lines of a stack: the rest is the engine's. */
const DEEPEST = 8;

/** Of what somebody else has thrown or sent, nothing is called that is theirs: it might fail, or never return. */
export function payloadText(payload: unknown): string {
  try {
    const text = inspect(payload, {
      depth: 3,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 10,
      maxStringLength: LONGEST.payload,
      customInspect: false,
    });
    return cut(text, LONGEST.payload);
  } catch {
    return 'cannot be shown';
  }
}

export function errorText(error: unknown): string {
  return cut(read(error, 'message') ?? payloadText(error), LONGEST.text);
}

/** Where the first of its causes was thrown. */
export function stackOf(error: unknown): string | null {
  let deepest = error;
  for (let depth = 0; depth < 10; depth++) {
    const cause = causeOf(deepest);
    if (cause === undefined) break;
    deepest = cause;
  }
  const stack = read(deepest, 'stack');
  return stack === undefined ? null : cut(stack.split('\n').slice(0, DEEPEST).join('\n'), LONGEST.stack);
}

function causeOf(error: unknown): unknown {
  try {
    return error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  } catch {
    return undefined;
  }
}

function read(error: unknown, name: 'message' | 'stack'): string | undefined {
  try {
    const value = error instanceof Error ? error[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
