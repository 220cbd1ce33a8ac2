/** Options and payload of a client's request, encoded once and sent as often as it takes. */
import { MessageWriter, messageOverhead } from './codec.ts';
import { OptionSequence } from './option-sequence.ts';
import { option } from './options.ts';
import type { ClientRequest } from './types.ts';

/** What the client adds of its own; -1 leaves the option out. */
export interface ControlOptions {
  readonly observe: number;
  readonly block1: number;
  readonly block2: number;
  readonly size1: number;
  /** An Echo value to repeat (RFC 9175 section 2). */
  readonly echo: Uint8Array | undefined;
  readonly requestTag: Uint8Array | undefined;
}

export const noControl: ControlOptions = {
  observe: -1,
  block1: -1,
  block2: -1,
  size1: -1,
  echo: undefined,
  requestTag: undefined,
};

/** The segments of a path as text: leading slash optional, percent-encoding undone, empty segments kept inside. */
export function pathSegments(path: string | readonly string[]): readonly string[] {
  if (typeof path !== 'string') return path;
  const text = path.startsWith('/') ? path.slice(1) : path;
  if (text === '') return [];
  const segments = text.split('/');
  return text.includes('%') ? segments.map(decodeSegment) : segments;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Turns requests into message content with a writer of its own. */
export class RequestEncoder {
  private readonly writer = new MessageWriter();
  private readonly sequence = new OptionSequence(this.writer);

  /** A fresh copy of everything that follows the token. */
  encode(request: ClientRequest, control: ControlOptions, payload: Uint8Array | undefined): Uint8Array {
    const { writer } = this;
    const segments = pathSegments(request.path);
    writer.rewind();
    writer.reserve(contentBound(request, segments) + (payload?.length ?? 0));
    writer.startContent();
    this.writeOptions(request, segments, control);
    if (payload !== undefined) writer.payload(payload);
    return writer.slab.slice(writer.messageStart, writer.position);
  }

  private writeOptions(request: ClientRequest, segments: readonly string[], control: ControlOptions): void {
    const { sequence } = this;
    sequence.begin(request.options);
    sequence.allBytes(option.ifMatch, request.ifMatch);
    sequence.allBytes(option.etag, request.etags);
    if (request.ifNoneMatch === true) sequence.bytes(option.ifNoneMatch, noBytes);
    sequence.uint(option.observe, control.observe);
    sequence.texts(option.uriPath, segments);
    sequence.uint(option.contentFormat, request.contentFormat);
    sequence.texts(option.uriQuery, request.query);
    sequence.uint(option.accept, request.accept);
    sequence.uint(option.block2, control.block2);
    sequence.uint(option.block1, control.block1);
    sequence.uint(option.size1, control.size1);
    sequence.bytes(option.echo, control.echo);
    sequence.bytes(option.requestTag, control.requestTag);
    sequence.end();
  }
}

const noBytes = new Uint8Array(0);

/** More than the options can take: three bytes per UTF-16 unit and a head of up to five for each. */
function contentBound(request: ClientRequest, segments: readonly string[]): number {
  let bound = messageOverhead;
  for (const text of segments) bound += 5 + 3 * text.length;
  for (const text of request.query ?? []) bound += 5 + 3 * text.length;
  for (const bytes of request.etags ?? []) bound += 5 + bytes.length;
  for (const bytes of request.ifMatch ?? []) bound += 5 + bytes.length;
  for (const { value } of request.options ?? []) bound += 5 + value.length;
  return bound;
}
