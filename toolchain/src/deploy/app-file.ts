import {
  createSchemaCheck,
  type FieldPath,
  type FieldProblem,
  parseJsonFile,
  problemFailure,
} from '../build/json-file.ts';
import type { CommandFailure } from '../failure.ts';

/** Tags that the nodes of an atom must all have, and must not have. */
export interface TagRule {
  readonly require?: readonly string[];
  readonly avoid?: readonly string[];
}

/** One member of `atoms`. */
export interface AppAtom {
  /** A name, a folder or a `.atom` file. */
  readonly atom: string;
  readonly name?: string;
  readonly on?: string | TagRule;
  /** Fields of atom.json. */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

/** An application, as its file says. */
export interface App {
  readonly name: string;
  /** Tags by node. */
  readonly nodes: ReadonlyMap<string, readonly string[]>;
  readonly atoms: readonly AppAtom[];
  /** The failure for problems at fields of the file. */
  failure(problems: readonly FieldProblem[]): CommandFailure;
}

interface AppText {
  readonly name: string;
  readonly nodes: Readonly<Record<string, { readonly tags?: readonly string[] }>>;
  readonly atoms: readonly AppAtom[];
}

const remedy = 'docs/reference/cli.md, deploy, explains the fields.';
const checkSchema = createSchemaCheck('app.schema.json', { others: ['atom.schema.json'] });

/** Reads the text of an application; `file` is its name in messages. Throws CommandFailure with every problem in it. */
export function parseAppFile(text: string, file: string): App {
  const json = parseJsonFile(text, file, remedy);
  const failure = (problems: readonly FieldProblem[]) => problemFailure(json.placed(problems), remedy);
  const problems = checkSchema(json.value);
  if (problems.length > 0) throw failure(problems);
  const { name, nodes, atoms } = json.value as AppText;
  const tags = new Map(Object.entries(nodes).map(([node, { tags: list = [] }]) => [node, list]));
  return { name, nodes: tags, atoms, failure };
}

/** Where a field of a member of `atoms` is in the file. */
export function atomPath(index: number, ...inner: FieldPath): FieldPath {
  return ['atoms', index, ...inner];
}
