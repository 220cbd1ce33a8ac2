/** A JSON file that people write: what is wrong in it is told with file, line, field and allowed values. */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { CommandFailure } from '../failure.ts';
import type { SourceMessage } from './types.ts';

/** Where a value is: `['resources', 0, 'path']`. */
export type FieldPath = readonly (string | number)[];

/** Something wrong at one field, before its line is looked up. */
export interface FieldProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/** A file that is JSON, and where each of its fields is. */
export interface JsonFile {
  readonly value: unknown;
  /** Places for the problems of a field; one that is not there is at the nearest field around it. */
  placed(problems: readonly FieldProblem[]): SourceMessage[];
}

/** Reads text as JSON; `file` is its name in messages. Throws CommandFailure where it is none. */
export function parseJsonFile(text: string, file: string, remedy: string): JsonFile {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const message =
      first === undefined ? 'is empty' : `is not JSON: ${wordsOf(printParseErrorCode(first.error))}`;
    throw problemFailure([{ file, ...placeOf(text, first?.offset ?? 0), message }], remedy);
  }
  return {
    value: JSON.parse(text) as unknown,
    placed: (problems) =>
      problems.map(({ path, message }) => ({ file, ...placeOf(text, offsetOf(root, path)), message })),
  };
}

/** The failure a user sees: one line for each place. */
export function problemFailure(places: readonly SourceMessage[], remedy: string): CommandFailure {
  // One value can break several rules of its field, which read the same.
  const lines = new Set(places.map(({ file, line, message }) => `${file}:${line}: ${message}`));
  return new CommandFailure(`${[...lines].join('.\n')}.`, { remedy, details: { places } });
}

export interface SchemaOptions {
  /** Fills in what the schema gives a default for. */
  readonly useDefaults?: boolean;
  /** Names of schemas that this one refers to. */
  readonly others?: readonly string[];
}

/** Checks values against a schema of `schema/`. */
export function createSchemaCheck(
  name: string,
  { useDefaults = false, others = [] }: SchemaOptions = {},
): (value: unknown) => FieldProblem[] {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compileSchema(name, useDefaults, others);
    return validate(value) ? [] : (validate.errors ?? []).filter(isTelling).map(describe);
  };
}

function compileSchema(name: string, useDefaults: boolean, others: readonly string[]): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults, allowUnionTypes: true });
  for (const other of others) ajv.addSchema(loadSchema(other), other);
  return ajv.compile(loadSchema(name));
}

function loadSchema(name: string): object {
  return JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8')) as object;
}

/** What follows from another error is not told. */
function isTelling({ keyword }: ErrorObject): boolean {
  return keyword !== 'if';
}

function describe({ instancePath, keyword, params, data, parentSchema }: ErrorObject): FieldProblem {
  const path = instancePath.split('/').slice(1).map(toKey);
  const allowed = `allowed: ${allowedBy(parentSchema ?? {})}`;
  if (keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    const allowed = `allowed: ${allowedMembers(parentSchema ?? {})}`;
    return { path: [...path, name], message: `${fieldName([...path, name])} is not known; ${allowed}` };
  }
  if (keyword === 'required') {
    const name = String(params.missingProperty);
    return { path, message: `${fieldName([...path, name])} is missing` };
  }
  if (keyword === 'propertyNames') {
    const name = String(params.propertyName);
    const rule = (parentSchema?.propertyNames ?? {}) as Record<string, unknown>;
    return {
      path: [...path, name],
      message: `${fieldName(path)} cannot have "${name}"; allowed: ${allowedBy(rule)}`,
    };
  }
  return { path, message: `${fieldName(path)} cannot be ${excerpt(data)}; ${allowed}` };
}

function excerpt(data: unknown): string {
  const text = JSON.stringify(data);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A schema in words. */
function allowedBy(schema: Record<string, unknown>): string {
  if (Array.isArray(schema.enum)) return schema.enum.join(', ');
  if (Array.isArray(schema.type))
    return schema.type.map((type) => allowedBy({ ...schema, type })).join(', or ');
  if (schema.type === 'object') return allowedMembers(schema);
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'array') return `a list of at most ${schema.maxItems} different items`;
  if (schema.type === 'string') {
    const like = schema.pattern === undefined ? '' : ` that matches ${schema.pattern}`;
    return `text of 1 to ${schema.maxLength ?? 'any number of'} bytes${like}`;
  }
  const multiple = schema.multipleOf === undefined ? 'whole numbers' : `multiples of ${schema.multipleOf}`;
  return `${multiple} from ${schema.minimum} to ${schema.maximum}`;
}

function allowedMembers({ properties, maxProperties }: Record<string, unknown>): string {
  if (properties === undefined) return `an object with 1 to ${maxProperties} members`;
  return Object.keys(properties as object).join(', ');
}

function toKey(segment: string): string | number {
  return /^\d+$/.test(segment) ? Number(segment) : segment;
}

/** `limits.inbox.bytes`, `resources[0].path`. */
export function fieldName(path: FieldPath): string {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return name.replace(/^\./, '') || 'the file';
}

function offsetOf(root: Node, path: FieldPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    // The property's name, not its value, is what a reader looks for.
    if (node !== undefined) return (node.parent?.type === 'property' ? node.parent : node).offset;
  }
  return root.offset;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** `CloseBraceExpected` → `close brace expected`. */
function wordsOf(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
