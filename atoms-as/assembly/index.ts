/** The SDK for atoms in AssemblyScript: `import { Kv, publish } from "@radon/atoms-as/assembly"`. */
export {
  ErrorCode, EventField, EventKind, Format, Handled, IoEdges, LogLevel, Method, Outcome, SendFlag, StopReason, Trap,
} from "./abi.generated";
export { Ask, Response, ask, cancel, observe } from "./ask";
export { Causal } from "./causal";
export { Cbor } from "./cbor";
export { Event } from "./event";
export { Io } from "./io";
export { Kv } from "./kv";
export { Log, fail } from "./log";
export { Message, Undelivered, send, sendText, sendToInstance } from "./message";
export { Clock, Self, exists, names, random } from "./node";
export { Output } from "./output";
export { Code, Reply } from "./reply";
export { Request } from "./request";
export { notify, publish } from "./resource";
export { Senml } from "./senml";
export { Start, spawn, spawnWithOutput } from "./spawn";
export { Timer } from "./timer";
