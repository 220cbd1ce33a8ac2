import { readFileSync } from 'node:fs';
import type { Configuration, Limits, ResourceDeclaration } from '@radon/bridge/image';
import { abiLimits, contentFormat } from '@radon/bridge/tables';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { CommandFailure } from '../failure.ts';
import type { SourceMessage } from './types.ts';

/** What atom.json says: names of content-formats turned into numbers, every default filled in. */
export interface AtomFile {
  readonly name: string;
  readonly version: string;
  readonly configuration: Configuration;
}

/** The checked text, before formats become numbers. */
interface AtomText extends Omit<Configuration, 'resources' | 'policy'> {
  readonly name: string;
  readonly version: string;
  readonly $schema?: string;
  readonly policy: 'one';
  readonly resources?: readonly (Omit<ResourceDeclaration, 'ct'> & { readonly ct?: readonly string[] })[];
}

type Path = (string | number)[];

/** Something wrong at one field, before its line is looked up. */
interface FieldProblem {
  readonly path: Path;
  readonly message: string;
}

/** Reads the text of an atom.json; `file` is its name in messages. Throws CommandFailure with every problem in it. */
export function parseAtomFile(text: string, file: string): AtomFile {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const message =
      first === undefined ? 'is empty' : `is not JSON: ${wordsOf(printParseErrorCode(first.error))}`;
    throw failure([{ file, ...placeOf(text, first?.offset ?? 0), message }]);
  }
  const value: unknown = JSON.parse(text);
  const problems = checkFields(value);
  if (problems.length > 0) {
    throw failure(
      problems.map(({ path, message }) => ({ file, ...placeOf(text, offsetOf(root, path)), message })),
    );
  }
  return complete(value as AtomText);
}

let validator: ValidateFunction | undefined;

/** Checks against the schema, filling in defaults, then what a schema cannot say. */
function checkFields(value: unknown): FieldProblem[] {
  if (isObject(value)) fillObjects(value);
  validator ??= new Ajv({ allErrors: true, verbose: true, useDefaults: true }).compile(loadSchema());
  const given = isObject(value) ? { policy: value.policy } : {};
  if (!validator(value)) return (validator.errors ?? []).map(describe);
  return checkMeaning(value as AtomText, given.policy !== undefined);
}

/** The schema gives defaults to members of objects that are there. */
function fillObjects(value: Record<string, unknown>): void {
  value.limits ??= {};
  const { limits } = value;
  if (isObject(limits)) limits.inbox ??= {};
}

function loadSchema(): object {
  return JSON.parse(
    readFileSync(new URL('../../schema/atom.schema.json', import.meta.url), 'utf8'),
  ) as object;
}

function checkMeaning(atom: AtomText, policyGiven: boolean): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (policyGiven && atom.kind === 'daemon') {
    problems.push({ path: ['policy'], message: 'policy is for atoms of kind "reactive"; leave it out' });
  }
  const paths = new Set<string>();
  atom.resources?.forEach(({ path, title = '' }, index) => {
    const at = ['resources', index];
    if (paths.has(path))
      problems.push({ path: [...at, 'path'], message: `resource "${path}" is declared twice` });
    paths.add(path);
    if (Buffer.byteLength(title) > abiLimits.pathBytes) {
      problems.push({ path: [...at, 'title'], message: `title is longer than ${abiLimits.pathBytes} bytes` });
    }
  });
  return problems;
}

function complete({
  name,
  version,
  $schema: _schema,
  policy,
  resources,
  limits,
  ...rest
}: AtomText): AtomFile {
  const configuration: Configuration = {
    ...rest,
    limits: limits satisfies Limits,
    ...(rest.kind === 'reactive' && { policy }),
    ...(resources !== undefined && { resources: resources.map(numbered) }),
  };
  return { name, version, configuration };
}

function numbered({ ct, ...resource }: NonNullable<AtomText['resources']>[number]): ResourceDeclaration {
  return ct === undefined ? resource : { ...resource, ct: ct.map((name) => formatNumbers.get(name) ?? 0) };
}

/** `senml+cbor` → 112: the names of the table as media types write them. */
const formatNumbers = new Map(
  Object.entries(contentFormat).map(([name, value]) => [
    name.toLowerCase().replace('senml_', 'senml+').replace('_', '-'),
    value as number,
  ]),
);

function describe({ instancePath, keyword, params, data, parentSchema }: ErrorObject): FieldProblem {
  const path = instancePath.split('/').slice(1).map(toKey);
  const allowed = `allowed: ${allowedBy(parentSchema ?? {})}`;
  if (keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    return { path: [...path, name], message: `${fieldName([...path, name])} is not known; ${allowed}` };
  }
  if (keyword === 'required') {
    const name = String(params.missingProperty);
    return { path, message: `${fieldName([...path, name])} is missing` };
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
  if (schema.type === 'object') return Object.keys(schema.properties ?? {}).join(', ');
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'array') return `a list of at most ${schema.maxItems} different items`;
  if (schema.type === 'string') {
    const like = schema.pattern === undefined ? '' : ` that matches ${schema.pattern}`;
    return `text of 1 to ${schema.maxLength ?? 'any number of'} bytes${like}`;
  }
  const multiple = schema.multipleOf === undefined ? 'whole numbers' : `multiples of ${schema.multipleOf}`;
  return `${multiple} from ${schema.minimum} to ${schema.maximum}`;
}

function toKey(segment: string): string | number {
  return /^\d+$/.test(segment) ? Number(segment) : segment;
}

/** `limits.inbox.bytes`, `resources[0].path`. */
function fieldName(path: Path): string {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return name.replace(/^\./, '') || 'the file';
}

function offsetOf(root: Node, path: Path): number {
  const node = findNodeAtLocation(root, path) ?? root;
  // The property's name, not its value, is what a reader looks for.
  return (node.parent?.type === 'property' ? node.parent : node).offset;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** `CloseBraceExpected` → `close brace expected`. */
function wordsOf(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function failure(places: SourceMessage[]): CommandFailure {
  // One value can break several rules of its field, which read the same.
  const lines = new Set(places.map(({ file, line, message }) => `${file}:${line}: ${message}`));
  return new CommandFailure(`${[...lines].join('.\n')}.`, {
    remedy: 'docs/guide/atoms.md explains the fields of atom.json.',
    details: { places },
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
