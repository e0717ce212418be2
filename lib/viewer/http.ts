import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Asset } from './assets.ts';
import { Guard, type Guarded } from './guard.ts';
import type { Pages } from './pages.ts';
import type { Pauses } from './pauses.ts';
import { readPauseRequest, readSelection } from './requests.ts';
import type { Scene } from './view.ts';

/** What is served. */
export interface Served {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly scene: Scene;
  readonly pages: Pages;
  readonly pauses: Pauses;
}

/** Characters of what a page may post. */
const LONGEST_BODY = 4096;
const MOST_CONNECTIONS = 128;

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types sluice',
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/**
 * Listens on a port.
 *
 * @param port 0: a free one
 */
export async function listen(
  { port, host, token, origin }: Guarded,
  served: Served,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: Error): void => reject(unavailable(error, port, host));
    server.once('error', refuse);
    server.listen(port, host, resolve);
    server.once('listening', () => server.off('error', refuse));
  });
  warnOfErrors(server);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const guard = new Guard({ host, port: bound, token, origin });
  server.on('request', (request, response) => {
    answer(request, response, guard, served).catch(() => response.destroy());
  });
  return { server, port: bound };
}

/**
 * What goes wrong once it listens, such as no file descriptor being left for another connection: the server goes on, and who
 * looks must not end what is looked at. Nobody waits for a result that it could reject, so it is a warning of the process; one
 * for each code, as these come by the thousand.
 */
function warnOfErrors(server: Server): void {
  const told = new Set<string | undefined>();
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (told.has(error.code)) return;
    told.add(error.code);
    process.emitWarning(
      `The viewer goes on after an error of its server: ${error.message}`,
      'SluiceViewerWarning',
    );
  });
}

/** Of these errors, the host is to blame. */
const OF_HOST = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL'];

function unavailable(cause: NodeJS.ErrnoException, port: number, host: string): Error {
  const { code = 'failed' } = cause;
  const text = OF_HOST.includes(code)
    ? `options.host: ${host} is no address of this machine (${code}); options.port was ${port}`
    : `options.port: port ${port} of ${host} cannot be had (${code}); give another one, or port: 0 for one that is free`;
  return new Error(text, { cause });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  guard: Guard,
  served: Served,
): Promise<void> {
  const { method = '', url = '', headers } = request;
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = guard.refusal({ method, url, headers });
  if (refusal !== undefined) return say(response, refusal.status, refusal.text);
  const [path = '', query = ''] = url.split('?', 2);
  if (method === 'POST') return path === '/pause' ? pause(request, response, served) : missing(response);
  if (path === '/events' && method === 'GET') return tell(response, query, served);
  const asset = served.assets.get(path);
  if (asset === undefined) return missing(response);
  if (path === '/' && guard.cookie !== undefined) response.setHeader('set-cookie', guard.cookie);
  response.setHeader('content-type', asset.type);
  response.end(method === 'HEAD' ? undefined : asset.body);
}

function tell(response: ServerResponse, query: string, { scene, pages }: Served): void {
  if (pages.isFull) {
    response.setHeader('retry-after', '5');
    say(response, 503, 'Too many pages are open.');
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  response.flushHeaders();
  response.once('close', pages.add(response, readSelection(query, scene)));
}

async function pause(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const asked = readPauseRequest(await bodyOf(request), served.scene.graph);
  if (asked === undefined) return say(response, 400, 'That is no source or inlet to pause.');
  if (!served.pauses.ask(asked)) return say(response, 404, 'There is no such pipeline any more.');
  response.statusCode = 204;
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.headers['content-type'] !== 'application/json') return '';
  let body = '';
  request.setEncoding('utf8');
  for await (const part of request) {
    body += part;
    if (body.length > LONGEST_BODY) return '';
  }
  return body;
}

function missing(response: ServerResponse): void {
  say(response, 404, 'There is nothing here.');
}

function say(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('connection', 'close');
  response.end(`${text}\n`);
}
