/** The query of a registration or update (RFC 9176 sections 5 and 5.3.1). */
import { RadonError } from '../problem/index.ts';

/** What a query says; what it leaves out is undefined. */
export interface Parameters {
  readonly endpoint: string | undefined;
  readonly sector: string | undefined;
  readonly lifetimeS: number | undefined;
  readonly base: string | undefined;
  /** Everything else, such as `et`, for lookups. */
  readonly further: Readonly<Record<string, string>>;
}

export const defaultLifetimeS = 90_000;
/** A week: what registered and went for good does not stay for years. */
const longestLifetimeS = 604_800;
const longestName = 63;
const longestFurther = 128;
const mostFurther = 8;

/** Attributes of a lookup's own. */
const reserved: ReadonlySet<string> = new Set(['href', 'rt', 'rel', 'anchor', 'page', 'count']);

/** RadonError BAD_REQUEST for anything out of range, given twice or reserved. */
export function parseParameters(query: readonly string[]): Parameters {
  const { ep, d, lt, base, ...further } = split(query);
  if (Object.keys(further).length > mostFurther) throw bad(`more than ${mostFurther} further parameters`);
  for (const [name, value] of Object.entries(further)) checkFurther(name, value);
  return {
    endpoint: ep === undefined ? undefined : checkName('ep', ep),
    sector: d === undefined ? undefined : checkName('d', d),
    lifetimeS: lt === undefined ? undefined : parseLifetime(lt),
    base,
    further,
  };
}

function split(query: readonly string[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const argument of query) {
    const [name = ''] = argument.split('=', 1);
    if (found.has(name)) throw bad(`${printable(name)} stands there twice`);
    found.set(name, argument.slice(name.length + 1));
  }
  return Object.fromEntries(found);
}

function checkFurther(name: string, value: string): void {
  const isName = /^[a-z][a-z0-9.-]{0,31}$/.test(name) && !reserved.has(name);
  if (!isName) throw bad(`${printable(name)} is no parameter of a registration`);
  if (value.length > longestFurther || isControl(value)) throw bad(`${name} is out of range`);
}

function checkName(parameter: string, value: string): string {
  const { length } = new TextEncoder().encode(value);
  if (length === 0 || length > longestName || isControl(value))
    throw bad(`${parameter} has 1 to ${longestName} bytes, none of them a control character`);
  return value;
}

function parseLifetime(text: string): number {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > longestLifetimeS)
    throw bad(`lt is a number of seconds from 1 to ${longestLifetimeS}`);
  return seconds;
}

/** The name of the node that an endpoint becomes. */
export function nodeNameOf(endpoint: string, sector: string | undefined): string {
  const name = sector === undefined ? endpoint : `${endpoint}-${sector}`;
  const plain = name.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  return (/^[a-z]/.test(plain) ? plain : `n-${plain}`).slice(0, 32);
}

function isControl(text: string): boolean {
  return /\p{C}/u.test(text);
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 32));
}

function bad(detail: string): RadonError {
  return new RadonError('BAD_REQUEST', { detail });
}
