/** Calls of the runtime interface with texts. Nothing is collected before the activation ends, so pointers hold. */
import { Format, Output } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

/** Bytes of memory, as configured. */
export const LIMIT: i32 = <i32>ASC_LOW_MEMORY_LIMIT;

/** The request that `release` answers. */
let held: i32 = 0;
/** Own requests whose answer is passed on, and the events they answer. */
const asked = new Map<i32, i32>();

export function hold(event: i32): string {
  held = event;
  return "held";
}

export function release(text: string): i32 {
  return answerTo(held, text);
}

/** Answers the current message. */
export function answer(text: string): i32 {
  return answerTo(0, text);
}

function answerTo(event: i32, text: string): i32 {
  Output.begin();
  Output.text(text);
  const bytes = String.UTF8.encode(text);
  return abi.reply(event, 69, Format.TEXT, changetype<usize>(bytes), bytes.byteLength);
}

/** The answer to own request `id` will be that to `event`. */
export function carry(id: i32, event: i32): string {
  asked.set(id, event);
  return "held";
}

/** Whether somebody waits for the answer to own request `id`; then it is passed on. */
export function passOn(id: i32, text: string): bool {
  if (!asked.has(id)) return false;
  answerTo(asked.get(id), text);
  asked.delete(id);
  return true;
}

export function send(to: string, flags: i32, text: string): i32 {
  const name = String.UTF8.encode(to);
  const bytes = String.UTF8.encode(text);
  return abi.send(
    changetype<usize>(name),
    name.byteLength,
    changetype<usize>(bytes),
    bytes.byteLength,
    flags,
  );
}

/** Sends the first `size` bytes of memory. */
export function fill(to: string, flags: i32, size: i32): i32 {
  const name = String.UTF8.encode(to);
  return abi.send(changetype<usize>(name), name.byteLength, 0, size, flags);
}

export function ask(method: i32, uri: string, flags: i32, body: string): i32 {
  const target = String.UTF8.encode(uri);
  const bytes = String.UTF8.encode(body);
  const format = body == "" ? -1 : Format.TEXT;
  const ptr = changetype<usize>(target);
  return abi.request(
    method,
    ptr,
    target.byteLength,
    format,
    changetype<usize>(bytes),
    bytes.byteLength,
    flags,
  );
}

/** Names that match, joined by commas, or the error. */
export function names(pattern: string): string {
  const bytes = String.UTF8.encode(pattern);
  const found = new StaticArray<u8>(256);
  const length = abi.names(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(found), 256);
  if (length < 0) return length.toString();
  return String.UTF8.decodeUnsafe(changetype<usize>(found), max(length - 1, 0))
    .split("\n")
    .join(",");
}

export function spawn(definition: string, args: string): i32 {
  const name = String.UTF8.encode(definition);
  const bytes = String.UTF8.encode(args);
  return abi.spawn(changetype<usize>(name), name.byteLength, changetype<usize>(bytes), bytes.byteLength);
}
