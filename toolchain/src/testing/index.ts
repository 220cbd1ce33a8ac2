/**
 * Runs an atom in a test as a node would: the built module, the activation engine of the host node, a clock that the
 * test moves. For `atom.test.ts` files, under vitest or any other runner.
 */
export { openAtom, type TestAtomOptions } from './open-atom.ts';
export type { LogLine, Publication, RequestOptions, TestReply } from './records.ts';
export { TestAtom } from './test-atom.ts';
