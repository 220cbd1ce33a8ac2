/** One message of the compiler. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  /** Number of the compiler's message. */
  readonly code: number;
  readonly message: string;
  /** Relative to the folder of the entry file, `~lib/…` for the library; left out where no place is known. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/** What the compiler reports; offsets are UTF-16 units. */
export interface CompilerMessage {
  readonly message: string;
  readonly code: number;
  /** 0 pedantic, 1 info, 2 warning, 3 error. */
  readonly category: number;
  readonly range: {
    readonly start: number;
    readonly source: { readonly normalizedPath: string } | null;
  } | null;
}

/** Turns the compiler's offset into line and column, with the texts it read. */
export function toDiagnostic(
  message: CompilerMessage,
  texts: ReadonlyMap<string, string>,
  library: Readonly<Record<string, string>>,
): Diagnostic {
  const severity = message.category === 3 ? 'error' : message.category === 2 ? 'warning' : 'info';
  const plain: Diagnostic = { severity, code: message.code, message: explain(message.message) };
  const file = message.range?.source?.normalizedPath;
  if (message.range === null || file === undefined) return plain;
  const text = texts.get(file) ?? library[file.replace(/^~lib\//, '').replace(/\.ts$/, '')];
  if (text === undefined) return { ...plain, file };
  const before = text.slice(0, message.range.start).split('\n');
  return { ...plain, file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Adds to messages that say something else than what is wrong (docs/guide/atoms.md tells what to write instead). */
function explain(message: string): string {
  const hint = hints.find(([pattern]) => pattern.test(message));
  return hint === undefined ? message : `${message} ${hint[1]}`;
}

const noClosures = 'A function sees its own variables and globals only: make it a global.';
const hints: readonly (readonly [RegExp, string])[] = [
  [/^Not implemented: Closures/, noClosures],
  [/^Variable '.*' is used before being assigned/, `If it belongs to an enclosing function: ${noClosures}`],
  [/^Low memory limit exceeded/, 'Raise limits.memory in atom.json, or shorten texts and buffers.'],
  [/^Not implemented: Iterators/, 'Count with an index instead.'],
  [/^Not implemented: Exceptions/, 'Return an error number, or end the activation with fail("why").'],
];
