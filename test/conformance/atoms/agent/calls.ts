/** Calls of the runtime interface with texts. Nothing is collected before the activation ends, so pointers hold. */
import { Format, Output } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

/** Bytes of memory, as configured. */
export const LIMIT: i32 = <i32>ASC_LOW_MEMORY_LIMIT;

/** Events that wait for an answer and the own requests it comes from: 0 for the one that `release` answers. */
const events = new StaticArray<i32>(8);
const sources = new StaticArray<i32>(8);

export function hold(event: i32, source: i32 = 0): bool {
  let place = 0;
  while (place < 7 && events[place] != 0) place++;
  events[place] = event;
  sources[place] = source;
  return true;
}

export function awaits(event: i32): bool {
  return events.includes(event);
}

/** The event that waits for `source`, which it does no more; 0 without one. */
export function waitFor(source: i32): i32 {
  for (let place = 0; place < 8; place++) {
    const event = events[place];
    if (event == 0 || sources[place] != source) continue;
    events[place] = 0;
    return event;
  }
  return 0;
}

export function release(text: string): i32 {
  const event = waitFor(0);
  return event == 0 ? abi.ErrorCode.E_STATE : reply(event, text);
}

/** Answers the current message. */
export function answer(text: string): i32 {
  return reply(0, text);
}

function reply(event: i32, text: string): i32 {
  const bytes = String.UTF8.encode(text);
  return abi.reply(event, 69, Format.TEXT, changetype<usize>(bytes), bytes.byteLength);
}

export function send(to: string, flags: i32, text: string): i32 {
  const name = String.UTF8.encode(to);
  const bytes = String.UTF8.encode(text);
  return abi.send(changetype<usize>(name), name.byteLength, changetype<usize>(bytes), bytes.byteLength, flags);
}

/** Sends the first `size` bytes of memory. */
export function fill(to: string, flags: i32, size: i32): i32 {
  const name = String.UTF8.encode(to);
  return abi.send(changetype<usize>(name), name.byteLength, 0, size, flags);
}

/** Sends the numbers from 1 on; the results are in `Output`. */
export function burst(to: string, flags: i32, times: i32): bool {
  const digit = new StaticArray<u8>(1);
  const name = String.UTF8.encode(to);
  for (let i = 1; i <= times; i++) {
    digit[0] = <u8>(0x30 + i);
    const id = abi.send(changetype<usize>(name), name.byteLength, changetype<usize>(digit), 1, flags);
    if (i > 1) Output.text(" ");
    Output.integer(id);
  }
  return true;
}

export function ask(method: i32, uri: string, flags: i32, body: string): i32 {
  const target = String.UTF8.encode(uri);
  const bytes = String.UTF8.encode(body);
  const format = body == "" ? -1 : Format.TEXT;
  const ptr = changetype<usize>(target);
  return abi.request(method, ptr, target.byteLength, format, changetype<usize>(bytes), bytes.byteLength, flags);
}

export function alias(name: string, join: bool): i32 {
  const bytes = String.UTF8.encode(name);
  const ptr = changetype<usize>(bytes);
  return join ? abi.alias_add(ptr, bytes.byteLength) : abi.alias_remove(ptr, bytes.byteLength);
}

/** Writes the names that match to `Output`, commas between them, or the error. */
export function names(pattern: string): bool {
  const bytes = String.UTF8.encode(pattern);
  const found = new StaticArray<u8>(256);
  const length = abi.names(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(found), 256);
  if (length < 0) Output.integer(length);
  for (let i = 0; i < length - 1; i++) Output.byte(found[i] == 0x0a ? 0x2c : found[i]);
  return true;
}

export function spawn(definition: string, args: string): i32 {
  const name = String.UTF8.encode(definition);
  const bytes = String.UTF8.encode(args);
  return abi.spawn(changetype<usize>(name), name.byteLength, changetype<usize>(bytes), bytes.byteLength);
}
