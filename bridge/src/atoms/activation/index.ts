/** The activation level of a node: runs atoms in turn under a clock that comes in. For nodes and for tests of atoms. */
export type {
  Command,
  Effect,
  OutgoingMessage,
  OwnRequest,
  OwnResponse,
  RequestEvent,
  TrapReport,
} from '../messages.ts';
export { requestState, SharedState, shownPhase } from '../shared-state.ts';
export { Activations, type ChannelTable } from './activations.ts';
export { requestBytes } from './inbox.ts';
export { KvStore } from './kv-store.ts';
