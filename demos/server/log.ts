/** The log of the request that is being worked on, also inside of a pipeline that all requests share. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyBaseLogger } from 'fastify';
import type { Logger, Message } from 'sluice';

/**
 * How a message stands in the log: its id, and those of the inputs it descends from, which all lines of a request share. Never
 * its payload. As a serializer of pino, since ids are made when they are read: a line that is not written costs none.
 */
export const serializers = {
  message: ({ id, roots }: Pick<Message, 'id' | 'roots'>): object => ({ id, inputs: roots }),
};

/** Sluice runs a function in the async context of the caller whose input it works on. */
export const current = new AsyncLocalStorage<FastifyBaseLogger>();

export function logOfRequest(otherwise: Logger): Logger {
  const log = () => (current.getStore() ?? otherwise) as Logger;
  return {
    debug: (...parts) => log().debug(...parts),
    info: (...parts) => log().info(...parts),
    warn: (...parts) => log().warn(...parts),
    error: (...parts) => log().error(...parts),
  };
}
