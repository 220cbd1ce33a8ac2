import type { Configuration, Policy, ResourceDeclaration } from '@radon/bridge/image';
import { parsePattern } from '@radon/bridge/pattern';
import { abiLimits, configurationTable, contentFormat } from '@radon/bridge/tables';
import {
  createSchemaCheck,
  type FieldProblem,
  fieldName,
  parseJsonFile,
  problemFailure,
} from './json-file.ts';

/** What atom.json says: names of content-formats turned into numbers, defaults filled in where manifests want them. */
export interface AtomFile {
  readonly name: string;
  readonly version: string;
  readonly configuration: Configuration;
}

/** The checked text: every default filled in, formats still by name. */
interface AtomText extends Omit<Configuration, 'resources' | 'policy'> {
  readonly name: string;
  readonly version: string;
  readonly $schema?: string;
  readonly policy: Policy;
  readonly resources?: readonly (Omit<ResourceDeclaration, 'ct'> & { readonly ct?: readonly string[] })[];
}

const remedy = 'docs/guide/atoms.md explains the fields of atom.json.';
const checkSchema = createSchemaCheck('atom.schema.json', { useDefaults: true });

/** Reads the text of an atom.json; `file` is its name in messages. Throws CommandFailure with every problem in it. */
export function parseAtomFile(text: string, file: string): AtomFile {
  const json = parseJsonFile(text, file, remedy);
  const atom = readAtomValue(json.value);
  if (Array.isArray(atom)) throw problemFailure(json.placed(atom), remedy);
  return atom;
}

/** The same for a value that stands in no file of its own: the atom, or everything wrong with it. */
export function readAtomValue(value: unknown): AtomFile | FieldProblem[] {
  if (!isObject(value)) return checkSchema(value);
  const text = withObjects(value);
  const problems = checkSchema(text);
  if (problems.length > 0) return problems;
  const wrong = checkMeaning(text as unknown as AtomText, value);
  return wrong.length > 0 ? wrong : complete(text as unknown as AtomText);
}

/** What atom.json would say for a configuration: the opposite of `readAtomValue`. */
export function atomValue({ name, version, configuration }: AtomFile): Record<string, unknown> {
  const { resources, ...rest } = configuration;
  const named = resources?.map(({ ct, ...resource }) => ({
    ...resource,
    ...(ct && { ct: ct.map(formatText) }),
  }));
  return { name, version, ...rest, ...(named && { resources: named }) };
}

/** A copy in which the objects are there that the schema gives defaults to the members of. */
function withObjects(value: Record<string, unknown>): Record<string, unknown> {
  const copy = structuredClone(value);
  copy.limits ??= {};
  if (isObject(copy.limits)) copy.limits.inbox ??= {};
  return copy;
}

/** What a schema cannot say. `given` is the value before defaults were filled in. */
function checkMeaning(atom: AtomText, given: Record<string, unknown>): FieldProblem[] {
  return [
    ...checkPolicy(atom, given),
    ...checkRecovery(atom, given),
    ...checkPatterns(atom),
    ...checkResources(atom),
  ];
}

/** Fields that only some policies have: a value nobody would look at is a mistake. */
function checkPolicy({ kind, policy }: AtomText, given: Record<string, unknown>): FieldProblem[] {
  const limits = isObject(given.limits) ? given.limits : {};
  const inbox = isObject(limits.inbox) ? limits.inbox : {};
  const problems: FieldProblem[] = [];
  const forbid = (path: string[], isGiven: boolean, whose: string) => {
    if (isGiven)
      problems.push({ path, message: `${fieldName(path)} is for atoms of ${whose}; leave it out` });
  };
  const isReactive = kind === 'reactive';
  forbid(['policy'], !isReactive && given.policy !== undefined, 'kind "reactive"');
  const hasInstances = limits.instances !== undefined && limits.instances !== 1;
  forbid(['limits', 'instances'], !isReactive && hasInstances, 'kind "reactive"');
  const expires = isReactive && policy === 'on-demand-expire';
  for (const key of ['idleMs', 'maxEvents'])
    forbid(['limits', key], !expires && limits[key] !== undefined, 'policy "on-demand-expire"');
  const waits = !expires && inbox.createAfterMs !== undefined;
  forbid(['limits', 'inbox', 'createAfterMs'], waits, 'policy "on-demand-expire"');
  return problems;
}

function checkRecovery({ recovery }: AtomText, given: Record<string, unknown>): FieldProblem[] {
  if (recovery === 'restart' || recovery === 'recover') return [];
  return ['maxRestarts', 'windowMs']
    .filter((key) => given[key] !== undefined)
    .map((key) => ({
      path: [key],
      message: `${key} is for atoms of recovery "restart" or "recover"; leave it out`,
    }));
}

function checkPatterns(atom: AtomText): FieldProblem[] {
  return (['send', 'request'] as const).flatMap((list) =>
    (atom[list] ?? []).flatMap((pattern, index) =>
      parsePattern(pattern) !== undefined
        ? []
        : [
            {
              path: [list, index],
              message: `${list}[${index}] cannot be "${pattern}"; allowed: patterns of at most ${abiLimits.patternBytes} bytes: literals, ., [a-z], * + ?, (…), |, \\ before a sign`,
            },
          ],
    ),
  );
}

function checkResources(atom: AtomText): FieldProblem[] {
  const problems: FieldProblem[] = [];
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

/** A table of docs/atom-abi.json: rows, and tables of rows. */
interface Table {
  readonly [field: string]: unknown;
}

/** Without the fields that manifests have only where they differ from their default (docs/reference/wire.md#manifest). */
function withoutDefaults<T extends object>(value: T, table: Table): T {
  const kept = Object.entries(value).flatMap(([key, entry]) => {
    const row = table[key];
    if (!isObject(row)) return [[key, entry]];
    if (isObject(entry)) return [[key, withoutDefaults(entry, row)]];
    return row.optional === true && entry === row.default ? [] : [[key, entry]];
  });
  return Object.fromEntries(kept) as T;
}

function complete({ name, version, $schema: _schema, policy, resources, ...rest }: AtomText): AtomFile {
  const configuration: Configuration = {
    ...withoutDefaults(rest, configurationTable),
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

function formatText(format: number): string | number {
  return [...formatNumbers].find(([, number]) => number === format)?.[0] ?? format;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
