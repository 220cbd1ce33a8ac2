/**
 * Runs atoms in a test as a node would. `openAtom`: one built module, the activation engine of the host node, a clock that
 * the test moves. `openApplication`: all atoms of an `app.json` together on a host node, in real time. For `atom.test.ts`
 * and `app.test.ts` files, under vitest or any other runner.
 */
export { openApplication } from './open-application.ts';
export { openAtom, type TestAtomOptions } from './open-atom.ts';
export type {
  AskedRequest,
  LogLine,
  MessageOptions,
  Publication,
  RequestOptions,
  ResponseOptions,
  SentMessage,
  TestReply,
} from './records.ts';
export { TestApplication } from './test-application.ts';
export { TestAtom } from './test-atom.ts';
