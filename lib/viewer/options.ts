import { isIP } from 'node:net';
import { collectProblems, type Report } from '../graph/report.ts';
import { checkKeys } from '../graph/unknown-keys.ts';
import { shown } from '../graph/values.ts';
import { readTarget } from '../pipeline/observing.ts';

/** Where a viewer is served, and what it shows. */
export interface ViewerOptions {
  /** @default 0: a free one, which `url` names */
  readonly port?: number;
  /**
   * The address to listen on, or a name that has one. On any but a loopback address others can come to see it: then a token is
   * demanded.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * Where browsers find it, if a proxy stands before it, such as `https://viewer.example.org`: no other Origin may change
   * anything, this name in `Host` is known too, `url` begins with it, and if it is https, cookies are sent over TLS alone. As
   * others can come to see it, a token is demanded, unless the origin is a loopback address, too.
   *
   * @default none: browsers come to `host` and `port` themselves, over plain HTTP
   */
  readonly origin?: string;
  /**
   * What has to be brought by whoever looks: as part of the address, after which a cookie keeps it, or as
   * `Authorization: Bearer …`. At least 16 letters, digits, or any of `- . _ ~`.
   *
   * @default none if only a loopback address leads to it, else one made at random
   */
  readonly token?: string;
  /** Whether payloads are shown, shortened. Texts of errors are shown in any case. @default false */
  readonly payloads?: boolean;
}

const KNOWN = ['port', 'host', 'origin', 'token', 'payloads'];
const HARD_TO_GUESS = /^[\w.~-]{16,}$/;

/** @throws GraphError that lists all that is wrong with them */
export function checkViewer(target: unknown, options: ViewerOptions): void {
  const { report, throwAny } = collectProblems();
  readTarget(target, report);
  if (checkKeys(options, KNOWN, ', such as { port: 8080 }', report)) checkOptions(options, report);
  throwAny();
}

function checkOptions(options: ViewerOptions, report: Report): void {
  const { port = 0, host = '127.0.0.1', origin, token, payloads = false } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    report('bad-option', 'options.port', `is ${shown(port)}, must be an integer from 0 to 65535`);
  if (typeof host !== 'string' || (isIP(host) === 0 && !/^[\w.-]+$/.test(host)))
    report('bad-option', 'options.host', `is ${shown(host)}, must be an address or the name of a host`);
  // It may hold a password.
  if (origin !== undefined && originOf(origin) === undefined)
    report(
      'bad-option',
      'options.origin',
      'must be http:// or https:// with a host and perhaps a port, no more',
    );
  // What it is has no place in a message.
  if (token !== undefined && (typeof token !== 'string' || !HARD_TO_GUESS.test(token)))
    report(
      'bad-option',
      'options.token',
      `${sizeOf(token)}, must be at least 16 letters, digits, or any of - . _ ~`,
    );
  if (typeof payloads !== 'boolean')
    report('bad-option', 'options.payloads', `is ${shown(payloads)}, must be true or false`);
}

function sizeOf(token: unknown): string {
  return typeof token === 'string' ? `has a length of ${token.length}` : `is of type ${typeof token}`;
}

/** As browsers send it; `undefined` if it is none. */
export function originOf(given: unknown): string | undefined {
  if (typeof given !== 'string' || !URL.canParse(given)) return undefined;
  const { protocol, origin, href } = new URL(given);
  return /^https?:$/.test(protocol) && href === `${origin}/` ? origin : undefined;
}
