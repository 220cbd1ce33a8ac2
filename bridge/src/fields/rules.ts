/** Rules a decoded document must meet; each names the field that breaks it. */
import { abiLimits } from '../tables/index.ts';

/** Checks a value; `where` is its path for people, such as `configuration.limits.memory`. */
export type Rule = (value: unknown, where: string) => void;

/** What is wrong with a document: the reason stands behind the field. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

export function integer(min: number, max: number): Rule {
  return (value, where) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) fail(where, 'is not an integer');
    else if (value < min || value > max) fail(where, `${value} is outside ${min}..${max}`);
  };
}

/** Text of at most so many bytes of UTF-8 that matches a pattern. */
export function text(maxBytes: number, pattern?: RegExp): Rule {
  return (value, where) => {
    if (typeof value !== 'string') fail(where, 'is not text');
    else if (new TextEncoder().encode(value).length > maxBytes)
      fail(where, `is longer than ${maxBytes} bytes`);
    else if (pattern !== undefined && !pattern.test(value))
      fail(where, `"${value}" does not match ${pattern.source}`);
  };
}

export function bytes(length: number): Rule {
  return (value, where) => {
    if (!(value instanceof Uint8Array)) fail(where, 'is not a byte string');
    else if (value.length !== length) fail(where, `has ${value.length} bytes instead of ${length}`);
  };
}

export function bytesUpTo(most: number, least = 0): Rule {
  return (value, where) => {
    if (!(value instanceof Uint8Array)) fail(where, 'is not a byte string');
    else if (value.length < least || value.length > most)
      fail(where, `has ${value.length} bytes instead of ${least}..${most}`);
  };
}

/** Name of a node, an atom or an alias. */
export const name = text(abiLimits.nameBytes, /^[a-z][a-z0-9-]{0,31}$/);

export function oneOf(values: readonly string[]): Rule {
  return (value, where) => {
    if (!values.some((allowed) => allowed === value)) fail(where, `is none of ${values.join(', ')}`);
  };
}

export const boolean: Rule = (value, where) => {
  if (typeof value !== 'boolean') fail(where, 'is not true or false');
};

export function list(item: Rule, min: number, max: number): Rule {
  return (value, where) => {
    if (!Array.isArray(value)) return fail(where, 'is not an array');
    if (value.length < min || value.length > max)
      fail(where, `has ${value.length} members instead of ${min}..${max}`);
    value.forEach((member, index) => {
      item(member, `${where}[${index}]`);
    });
  };
}

/** A map with these members, no others. */
export function map(
  required: Readonly<Record<string, Rule>>,
  optional: Readonly<Record<string, Rule>> = {},
): Rule {
  return (value, where) => {
    if (!isMap(value)) return fail(where, 'is not a map');
    for (const name of Object.keys(required)) {
      if (!Object.hasOwn(value, name)) fail(join(where, name), 'is missing');
    }
    for (const [name, member] of Object.entries(value)) {
      const rule = Object.hasOwn(required, name)
        ? required[name]
        : Object.hasOwn(optional, name) && optional[name];
      if (!rule) return fail(join(where, name), 'is not known');
      rule(member, join(where, name));
    }
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function join(where: string, name: string): string {
  return where === '' ? name : `${where}.${name}`;
}

function fail(where: string, reason: string): void {
  throw new RuleError(`${where === '' ? 'the document' : where} ${reason}`);
}
