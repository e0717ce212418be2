/** What a client is told when something went wrong: one place for every error, for any framework. */
import { STATUS_CODES } from 'node:http';
import { GraphError, type Message, ProcessorError, SluiceError, ValidationError } from 'sluice';

/** An answer in problem+json (RFC 9457): neither stacks, nor causes, nor anything that another request has sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Thrown by what asks another service, if that service is at fault. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
}

/** Thrown by a route: an error that has its status with it, as those of Fastify, Express and Hono have. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * | error | answer |
 * | --- | --- |
 * | GraphError | 400, with all problems: the server's own graphs were checked at start-up, so the definition is the client's |
 * | ValidationError of an inlet | 422, with the issues |
 * | OverflowError, StoppedError | 503 with Retry-After: full, or shutting down |
 * | aborted by a deadline, TimeoutError | 504 |
 * | aborted by the client | 499, for the log: nobody reads it |
 * | ProcessorError | what its cause says, if that is one of the last three; 502 if another service is at fault; else 500 |
 * | StallError, WorkerError, any other | 500 |
 */
export function answerTo(error: unknown): Answer {
  if (!SluiceError.is(error)) return answer(statusOf(error));
  if (error instanceof GraphError) return answer(400, { problems: error.problems });
  if (error instanceof ValidationError) return answer(422, { issues: error.issues.map(shown) });
  return answer(statusInside(error));
}

/** The status of an error that came out of a running graph, by itself or around what a function threw. */
function statusInside(error: unknown): number {
  if (error instanceof UpstreamError) return 502;
  if (!SluiceError.is(error)) return 500;
  switch (error.code) {
    case 'OVERFLOW':
    case 'STOPPED':
      return 503;
    case 'TIMEOUT':
      return 504;
    case 'ABORTED':
      return ABORTED_BY[nameOf(error.cause)] ?? 503;
    case 'PROCESSOR':
      return isWrongOutput(error) ? 502 : statusInside(error.cause);
    default:
      return 500;
  }
}

/** By the names that the platform gives to the reasons of `AbortSignal.timeout` and `AbortController`. */
const ABORTED_BY: Readonly<Record<string, number>> = { TimeoutError: 504, AbortError: 499 };

/** What a function was told by another service was not what its schema says. */
function isWrongOutput(error: SluiceError): boolean {
  return (
    error instanceof ProcessorError && error.phase === 'output' && error.cause instanceof ValidationError
  );
}

/** The status that frameworks put on their errors; what has none is a fault of ours. */
function statusOf(error: unknown): number {
  const { statusCode, status = statusCode } = Object(error) as Record<string, unknown>;
  if (typeof status === 'number' && status >= 400 && status < 600) return status;
  return ABORTED_BY[nameOf(error)] ?? 500;
}

function answer(status: number, more: Readonly<Record<string, unknown>> = {}): Answer {
  const title = STATUS_CODES[status] ?? 'Client Closed Request';
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 503) headers['retry-after'] = '1';
  return { status, headers, body: { type: 'about:blank', title, status, ...more } };
}

function shown({ message, path = [] }: ValidationError['issues'][number]): object {
  return { message, path: path.map((part) => String(typeof part === 'object' ? part.key : part)) };
}

function nameOf(error: unknown): string {
  return String(Object(error).name);
}

/** What a log should say of an error: where it happened and to which message, and never a payload. */
export function logged(error: unknown): object {
  const root = rootOf(error);
  const why = SluiceError.is(root) ? { code: root.code, reason: root.message } : { err: root };
  if (!(error instanceof ProcessorError)) return why;
  const { code, node, phase, input } = error as ProcessorError<Message | undefined>;
  return { ...why, code, node, phase, message: input && { id: input.id, roots: input.roots } };
}

/** A pipeline that was called by a function of another one wraps what has failed, and is wrapped itself. */
function rootOf(error: unknown): unknown {
  return error instanceof ProcessorError ? rootOf(error.cause) : error;
}
