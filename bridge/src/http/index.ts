/** The HTTP face as a function from request to reply; server/ puts it on a socket. */
export * from './handler.ts';
export type { HttpReply, HttpRequest, StreamSink } from './message.ts';
export { problemReply, statusOf } from './problem.ts';
export { formatPath, parseTarget, type Target } from './target.ts';
