import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** As much of a request as is looked at before it is let in. */
export interface Knock {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Why a request is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 405;
  readonly text: string;
}

/** Whether what binds to this host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The token that requests have to bring: the one given, or one made at random where others can reach the viewer. */
export function tokenFor(host: string, given: string | undefined, origin?: string): string | undefined {
  const isLocal = isLoopback(host) && (origin === undefined || isLoopback(hostOf(origin)));
  return given ?? (isLocal ? undefined : randomBytes(24).toString('base64url'));
}

/** What is guarded. */
export interface Guarded {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** The one that browsers know it by, if a proxy stands before it. */
  readonly origin?: string | undefined;
}

/** Characters of the cookies of a request, which is more than browsers keep for most; a longer header is not looked at. */
const LONGEST_COOKIES = 8192;

/**
 * Who may come in. A page of another site can send requests to this port from its visitors' browser, so each has to name
 * this host (a name of the site's own that now leads here would make the two one origin), come from no other origin, and
 * bring the token, if there is one.
 */
export class Guard {
  readonly #host: string;
  readonly #token: string | undefined;
  readonly #origin: string | undefined;
  /** Cookies are the same for all ports of a host. */
  readonly #cookieName: string;
  /** What the cookie holds: nobody who finds it has the token. */
  readonly #cookieValue: string;

  constructor({ host, port, token, origin }: Guarded) {
    this.#host = host;
    this.#token = token;
    this.#origin = origin;
    this.#cookieName = `sluice-viewer-${port}`;
    this.#cookieValue = createHash('sha256').update(`cookie ${token}`).digest('base64url');
  }

  /** Why this one is not let in; `undefined` if it is. */
  refusal({ method, url, headers }: Knock): Refusal | undefined {
    const { host, origin } = headers;
    if (typeof host !== 'string' || !this.#isOurs(host))
      return { status: 403, text: 'This is not the host that the viewer was asked to serve.' };
    if (!['GET', 'HEAD', 'POST'].includes(method))
      return { status: 405, text: 'GET, HEAD and POST are known.' };
    const isForeign = origin !== undefined && origin !== (this.#origin ?? `http://${host}`);
    if (isForeign || (method === 'POST' && origin === undefined))
      return { status: 403, text: 'This comes from another origin.' };
    const site = headers['sec-fetch-site'];
    // A link on another site may lead to the page, and to nothing else.
    if ((site === 'cross-site' || site === 'same-site') && (method === 'POST' || pathOf(url) !== '/'))
      return { status: 403, text: 'This comes from another site.' };
    if (this.#token !== undefined && !this.#brings(this.#token, url, headers))
      return {
        status: 401,
        text: 'The token is missing or wrong. The address that serveViewer gave has it.',
      };
    return undefined;
  }

  /** What has the browser bring the token from now on; `undefined` if there is none to bring. */
  get cookie(): string | undefined {
    if (this.#token === undefined) return undefined;
    const secure = this.#origin?.startsWith('https:') ? '; Secure' : '';
    return `${this.#cookieName}=${this.#cookieValue}${secure}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** A name would have to be looked up, and whoever answers for it can lead it here: none but ours is. */
  #isOurs(header: string): boolean {
    const name = bare(header.replace(/:\d+$/, '')).toLowerCase();
    if (this.#origin !== undefined && name === hostOf(this.#origin)) return true;
    if (isLoopback(this.#host)) return isLoopback(name);
    return (
      isIP(name) !== 0 || [this.#host, 'localhost', hostname()].some((own) => own.toLowerCase() === name)
    );
  }

  #brings(token: string, url: string, { authorization, cookie }: Knock['headers']): boolean {
    const bearer = /^Bearer (.+)$/i.exec(String(authorization ?? ''))?.[1];
    if (bearer !== undefined) return areSame(bearer, token);
    if (pathOf(url) === '/') {
      const asked = named('token', url.slice(1).replace('?', ''), '&');
      if (asked !== undefined) return areSame(decoded(asked), token);
    }
    if (typeof cookie !== 'string' || cookie.length > LONGEST_COOKIES) return false;
    const kept = named(this.#cookieName, cookie, ';');
    return kept !== undefined && areSame(kept, this.#cookieValue);
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] as string;
}

function decoded(value: string): string {
  return new URLSearchParams(`value=${value}`).get('value') ?? '';
}

function hostOf(origin: string): string {
  return bare(new URL(origin).hostname);
}

/** Without the brackets of an IPv6 address. */
function bare(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1');
}

/** What the first of this name holds, in a list of `name=value`: only names that fit are looked at, however long the list is. */
function named(name: string, list: string, separator: string): string | undefined {
  const begin = `${name}=`;
  for (let at = list.indexOf(begin); at >= 0; at = list.indexOf(begin, at + begin.length)) {
    let before = at - 1;
    while (list[before] === ' ') before--;
    if (before >= 0 && list[before] !== separator) continue;
    const from = at + begin.length;
    const end = list.indexOf(separator, from);
    return list.slice(from, end < 0 ? undefined : end).trimEnd();
  }
  return undefined;
}

/** In a time that tells nothing of where they differ. */
function areSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
