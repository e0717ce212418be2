// The server of demos/12-socket-io.ts: it runs the graphs that its clients send, out of functions that it knows itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Context, DEFAULT_LIMITS, GraphError, type Pipeline, Plumber, parseDefinition } from 'sluice';
import { Server, type Socket } from 'socket.io';
import * as z from 'zod';

/** Waits for so many seconds, or whatever is to be taken for them. */
export type Sleep = (seconds: number, signal: AbortSignal) => Promise<void>;

/** What a client is told when it has sent a graph: that it runs, or what is wrong with it. */
export interface Reply {
  readonly problems?: readonly { readonly code: string; readonly path: string; readonly message: string }[];
}

type Ctx<Args = unknown> = Context<{ readonly socket: Socket }, unknown, Args>;

const seconds = z.strictObject({ seconds: z.number().min(0).max(10).default(0) });
const words = z.strictObject({ words: z.array(z.string().max(100)).max(100) });
const reversed = (text: string): string => [...text].reverse().join('');

/** All that a graph may name. Schemas say what its `args` may be. */
function functions(sleep: Sleep) {
  const after = async (context: Ctx<{ seconds: number }>) => sleep(context.args.seconds, context.signal);
  return {
    words: { run: (context: Ctx<{ words: string[] }>) => context.args.words, args: words },
    reverse: {
      run: async (text: unknown, context: Ctx<{ seconds: number }>) => {
        await after(context);
        return reversed(String(text));
      },
      args: seconds,
    },
    upper: {
      run: async (text: unknown, context: Ctx<{ seconds: number }>) => {
        await after(context);
        return String(text).toUpperCase();
      },
      args: seconds,
    },
    /** Of a join: its rows as a line. */
    join: {
      run: async (row: Readonly<Record<string, unknown>>, context: Ctx<{ seconds: number }>) => {
        await after(context);
        return Object.values(row).join(' ');
      },
      args: seconds,
    },
    /** To the client that sent the graph, and no faster than it takes them. */
    send: (text: unknown, { env }: Ctx) => env.socket.timeout(5000).emitWithAck('output', text),
  };
}

/** Serves on a free port, to this machine only. */
export async function serveGraphs(sleep: Sleep): Promise<GraphServer> {
  // A text that is too long is told so, but one that is far too long is not even read: its client is cut off.
  const http = createServer();
  const io = new Server(http, { maxHttpBufferSize: 4 * DEFAULT_LIMITS.size, serveClient: false });
  const registry = functions(sleep);
  const running = new Set<Pipeline>();

  io.on('connection', (socket) => {
    const gone = new AbortController();
    let isBusy = false;
    socket.on('disconnect', () => gone.abort(new Error('the client is gone')));
    socket.on('graph', async (text: unknown, reply: unknown) => {
      if (typeof reply !== 'function') return;
      if (isBusy) return reply({ problems: [{ code: 'busy', path: 'graph', message: 'one at a time' }] });
      isBusy = true;
      try {
        const plumber = new Plumber(parseDefinition(text as string, true), { registry, limits: true });
        // Limits bound what it holds, not how long it runs.
        const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(60_000)]);
        const pipeline = plumber.createPipeline({ env: { socket }, signal });
        running.add(pipeline);
        reply({});
        const { error } = await pipeline.done.then(
          () => ({ error: undefined }),
          ({ code }: { code: string }) => ({ error: code }),
        );
        running.delete(pipeline);
        socket.emit('done', error);
      } catch (error) {
        // Its own words only: they say nothing of this server but the names of its functions.
        reply({
          problems:
            error instanceof GraphError ? error.problems : [{ code: 'failed', path: '', message: 'failed' }],
        });
      } finally {
        isBusy = false;
      }
    });
  });

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    running,
    close: async () => {
      await io.close();
    },
  };
}

/** A server that runs. */
export interface GraphServer {
  readonly url: string;
  readonly running: ReadonlySet<Pipeline>;
  close(): Promise<void>;
}
