import { SluiceError, type SluiceErrorCode } from '../error/sluice-error.ts';
import { Portrait } from './portrait.ts';
import { chainOf, isError, read, readText } from './reading.ts';

/** Characters of what is shown. */
const LONGEST = { text: 600, stack: 2000, payload: 300 } as const;
/** Lines of a stack: the rest is the engine's. */
const DEEPEST = 8;

/** Of what somebody else has thrown or sent, nothing is called that is theirs: it might fail, or never return. */
export function payloadText(payload: unknown): string {
  return attempt(() => cut(new Portrait(LONGEST.payload).of(payload), LONGEST.payload)) ?? 'cannot be shown';
}

export function errorText(error: unknown): string {
  const message = attempt(() => (isError(error) ? readText(error, 'message') : undefined));
  return cut(message || payloadText(error), LONGEST.text);
}

/** Where the first of its causes was thrown. */
export function stackOf(error: unknown): string | null {
  const stack = attempt(() => stackText(firstCauseOf(error)));
  return stack === undefined ? null : cut(stack.split('\n', DEEPEST).join('\n'), LONGEST.stack);
}

/** The code of an error of this package. */
export function codeOf(error: unknown): SluiceErrorCode | undefined {
  return attempt(() => (isError(error) && chainOf(error) && SluiceError.is(error) ? error.code : undefined));
}

function firstCauseOf(error: unknown): unknown {
  let deepest = error;
  for (let depth = 0; depth < 10 && isError(deepest); depth++) {
    const cause = read(deepest, 'cause');
    if (!isError(cause)) break;
    deepest = cause;
  }
  return deepest;
}

/** A stack is written down when it is first read, and its first line takes the name and the message: they are read, too. */
function stackText(error: unknown): string | undefined {
  if (!isError(error)) return undefined;
  const isTame = readText(error, 'name') !== undefined && readText(error, 'message') !== undefined;
  return (isTame && readText(error, 'stack')) || undefined;
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
