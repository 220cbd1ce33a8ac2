/** The lines of `/log` as they come. */
import { decodeFields, type FieldValue } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import { errorOfResponse } from '../problem/index.ts';
import type { NodePort, NodeResponse, Observation } from '../registry/node.ts';
import { contentFormat, logLevel, method } from '../tables/index.ts';

export interface LogLine {
  /** Milliseconds since the node started. */
  readonly timeMs: number;
  readonly level: keyof typeof logLevel;
  /** The atom or the part of the node that says it. */
  readonly name: string;
  readonly line: string;
}

export interface LogListener {
  lines(lines: readonly LogLine[]): void;
  lost?(): void;
  back?(): void;
  /** The last call: the node has no log or stopped sending it. */
  end?(error: RadonError): void;
}

const request = {
  method: method.GET,
  path: ['log'],
  query: [],
  payload: new Uint8Array(0),
  accept: contentFormat.CBOR,
};

/** The recent lines of a node; RadonError when it has none to give. */
export async function readLog(node: NodePort, signal?: AbortSignal): Promise<readonly LogLine[]> {
  return linesOf(node, await node.request(request, signal));
}

/** The recent lines, then new ones. */
export function followLog(node: NodePort, listener: LogListener): Observation {
  const end = (error: RadonError) => {
    observation.close();
    listener.end?.(error);
  };
  const observation = node.observe(request, {
    next(response) {
      try {
        listener.lines(linesOf(node, response));
      } catch (error) {
        end(
          error instanceof RadonError ? error : new RadonError('INTERNAL_ERROR', { detail: String(error) }),
        );
      }
    },
    lost: () => listener.lost?.(),
    back: () => listener.back?.(),
    end: (response) => end(errorOfResponse(response, node.name)),
  });
  return observation;
}

function linesOf(node: NodePort, response: NodeResponse): readonly LogLine[] {
  if (response.code >> 5 !== 2) throw errorOfResponse(response, node.name);
  const lines = decodeFields(response.payload);
  if (!Array.isArray(lines))
    throw new RadonError('BAD_ANSWER', { name: node.name, detail: 'the log is no list' });
  return lines.filter(isEntry).map(lineOf);
}

function isEntry(entry: FieldValue): entry is { readonly [name: string]: FieldValue } {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

function lineOf(entry: { readonly [name: string]: FieldValue }): LogLine {
  const { timeMs, level, name, line } = entry;
  return {
    timeMs: typeof timeMs === 'number' ? timeMs : 0,
    level: levelOf(level),
    name: typeof name === 'string' ? name : '',
    line: typeof line === 'string' ? line : '',
  };
}

/** Nodes send the number or the name of a level. */
function levelOf(level: FieldValue | undefined): LogLine['level'] {
  const names = Object.keys(logLevel) as LogLine['level'][];
  return names.find((name) => name === level || logLevel[name] === level) ?? 'INFO';
}
