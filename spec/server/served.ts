import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { UpstreamError } from '../../demos/server/answers.ts';
import { type App, type AppOptions, buildApp } from '../../demos/server/app.ts';
import { Database } from '../../demos/server/database.ts';
import { serializers } from '../../demos/server/log.ts';

/** A line of the log, as pino writes it. */
export type Line = Readonly<Record<string, unknown>>;

/** The demo's application on a free port of the loopback. */
export interface Served extends App, AsyncDisposable {
  readonly base: string;
  readonly port: number;
  readonly database: Database;
  readonly lines: readonly Line[];
}

export type ServeOptions = Partial<Omit<AppOptions, 'logger' | 'database'>>;

/** A price per letter; some items have none. */
async function prices(items: readonly string[]): Promise<number[]> {
  if (items.includes('unobtainium')) throw new UpstreamError('secret host 10.0.0.7 has none');
  if (items.includes('bug')) throw new TypeError('secret is undefined');
  return items.map((item) => item.length);
}

let database: Promise<Database> | undefined;

/** One for all tests of a file: it takes a second to start. */
export function sharedDatabase(): Promise<Database> {
  database ??= Database.open();
  return database;
}

export async function serve(options: ServeOptions = {}): Promise<Served> {
  const lines: Line[] = [];
  const logger = pino(
    { level: 'debug', serializers },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  const database = await sharedDatabase();
  const app = buildApp({ prices, ...options, database, logger });
  const base = await app.http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.http.server.address() as AddressInfo;
  return { ...app, base, port, database, lines, [Symbol.asyncDispose]: async () => app.http.close() };
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Sends JSON, or what is a string already, and reads JSON. */
export async function post(url: string, value: unknown, init: RequestInit = {}): Promise<Reply> {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return read(
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, ...init }),
  );
}

export async function get(url: string, init: RequestInit = {}): Promise<Reply> {
  return read(await fetch(url, init));
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  const body = isJson ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, body, text };
}
