/**
 * Does what it is told: the body of a `POST do` or of a message is a command, its result the answer. Each event but
 * requests leaves a line in `log`. A scenario pushes it under several names, with the configuration it needs.
 */
import { Event, EventField, Format, Handled, Kv, Log, Output, Reply, Request, Self, notify, publish } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";
import { LIMIT, answer, ask, carry, fill, hold, names, passOn, release, send, spawn } from "./calls";

let log: string = "";
/** Commands handled by this instance. */
let count: i32 = 0;
/** What `keep` waits for. */
let isOpen: bool = false;
/** The event that `later` has put off. */
let putOff: i32 = 0;
/** What timer 0 does, as `after` said. */
let planned: string = "";
/** Result of the handler that runs. */
let handled: i32 = Handled.DONE;
let words: string[] = [];

export function on_start(): void {
  const by = Event.text(EventField.SENDER);
  record(by == "" ? "start" : "start by " + by + ": " + Event.text(EventField.PAYLOAD));
}

export function on_recover(): void {
  record("recover " + abi.event_get(EventField.REASON).toString());
}

export function on_stop(): void {
  Log.info("stop " + abi.event_get(EventField.REASON).toString());
}

export function on_timer(): i32 {
  const result = planned == "" ? "" : perform(planned);
  if (handled != Handled.DONE) return handled;
  record("timer " + abi.event_get(EventField.HANDLE).toString() + (result == "" ? "" : ": " + result));
  return Handled.DONE;
}

export function on_message(): i32 {
  const text = message();
  const result = perform(text);
  if (handled != Handled.DONE) return handled;
  const correlation = abi.event_get(EventField.CORRELATION);
  const answers = correlation == 0 ? "" : " (answers " + correlation.toString() + ")";
  record("from " + Event.text(EventField.SENDER) + ": " + text + answers + (result == "" ? "" : " -> " + result));
  return Handled.DONE;
}

/** What `fill` sent is too long to write down. */
function message(): string {
  const size = Event.size(EventField.PAYLOAD);
  return size > 64 ? size.toString() + "_bytes" : Event.text(EventField.PAYLOAD);
}

export function on_undelivered(): i32 {
  const id = abi.event_get(EventField.CORRELATION).toString();
  record(
    id + " to " + Event.text(EventField.SENDER) + ": " + abi.event_get(EventField.REASON).toString() + " " +
      abi.event_get(EventField.HANDLE).toString(),
  );
  return Handled.DONE;
}

export function on_response(): i32 {
  const id = abi.event_get(EventField.CORRELATION);
  const result = response();
  if (passOn(id, Self.name() + " " + result)) return Handled.DONE;
  record("response " + id.toString() + ": " + result + (abi.event_get(EventField.HANDLE) ? " more" : ""));
  return Handled.DONE;
}

/** `69 text`, or `0 -9` when no answer came. */
function response(): string {
  const code = abi.event_get(EventField.METHOD);
  if (code == 0) return "0 " + abi.event_get(EventField.REASON).toString();
  const isText = abi.event_get(EventField.FORMAT) == Format.TEXT;
  return code.toString() + (isText ? " " + Event.text(EventField.PAYLOAD) : "");
}

export function on_request(): i32 {
  if (Request.isFor("log")) return Reply.text(log);
  if (Request.isFor("state")) return Reply.text(count.toString());
  const result = perform(Request.text());
  if (handled != Handled.DONE || result == "held") return handled;
  return Reply.text(result);
}

function record(line: string): void {
  log += log == "" ? line : "|" + line;
}

/** From word `at` on, as it was written. */
function rest(at: i32): string {
  return words.slice(at).join(" ");
}

function number(at: i32): i32 {
  return at < words.length ? I32.parseInt(words[at]) : 0;
}

function perform(text: string): string {
  words = text.split(" ");
  handled = Handled.DONE;
  count += 1;
  const verb = words[0];
  const result = control(verb);
  if (handled != Handled.DONE) count -= 1;
  return result != "" || handled != Handled.DONE ? result : call(verb);
}

/** Commands about the instance itself. */
function control(verb: string): string {
  if (verb == "self") return Self.name();
  if (verb == "count") return count.toString();
  if (verb == "keep") return isOpen ? "kept" : refuse(Handled.LATER);
  if (verb == "open") isOpen = true;
  if (verb == "later") return later();
  if (verb == "reject") return refuse(Handled.REJECT);
  if (verb == "only") return Self.name().endsWith(words[1]) ? Self.name() : refuse(Handled.REJECT);
  if (verb == "trap") unreachable();
  if (verb == "once") return once();
  if (verb == "loop") while (true) {}
  if (verb == "spin") return spin();
  if (verb == "exit") Self.exit(number(1));
  if (verb == "forget") log = "";
  return "";
}

function refuse(result: i32): string {
  handled = result;
  return "";
}

/** Puts each event off once. */
function later(): string {
  if (putOff == Event.id()) return "now";
  putOff = Event.id();
  return refuse(Handled.LATER);
}

/** Traps the first time on this node. */
function once(): string {
  if (Kv.get<i32>("once", 0) == 0) {
    Kv.set<i32>("once", 1);
    unreachable();
  }
  return "survived";
}

function spin(): string {
  const end = abi.uptime_ms() + <f64>number(1);
  while (abi.uptime_ms() < end) {}
  return "spun";
}

/** Commands that call the node: the answer is what it returned. */
function call(verb: string): string {
  if (verb == "send") return send(words[1], number(2), rest(3)).toString();
  if (verb == "fill") return fill(words[1], number(2), number(3)).toString();
  if (verb == "burst") return burst(words[1], number(2), number(3));
  if (verb == "answer") return answer(rest(1)).toString();
  if (verb == "twice") return answer(rest(1)).toString() + " " + answer(rest(1)).toString();
  if (verb == "hold") return hold(Event.id());
  if (verb == "release") return release(rest(1)).toString();
  if (verb == "request") return ask(number(1), words[2], number(3), rest(4)).toString();
  if (verb == "ring") return ring();
  if (verb == "cancel") return abi.request_cancel(number(1)).toString();
  if (verb == "alias") return alias(words[1], true).toString();
  if (verb == "unalias") return alias(words[1], false).toString();
  if (verb == "names") return names(rest(1));
  if (verb == "spawn") return spawn(words[1], rest(2)).toString();
  if (verb == "edge") return abi.random(LIMIT - 8 + number(1), 8).toString();
  return state(verb);
}

/** Commands about what the node keeps for the atom. */
function state(verb: string): string {
  if (verb == "after") {
    planned = rest(2);
    return abi.timer_set(0, number(1), 0).toString();
  }
  if (verb == "timer") return abi.timer_set(number(1), number(2), number(3)).toString();
  if (verb == "set") return Kv.setText(words[1], rest(2)).toString();
  if (verb == "get") {
    const value = Kv.text(words[1]);
    return value === null ? "none" : value;
  }
  if (verb == "publish") {
    Output.begin();
    Output.text(rest(1));
    return publish("state", Format.TEXT).toString();
  }
  return verb == "notify" ? notify("state").toString() : "";
}

/** The payloads are the numbers from 1 on. */
function burst(to: string, flags: i32, times: i32): string {
  const results: string[] = [];
  for (let i = 1; i <= times; i++) results.push(send(to, flags, i.toString()).toString());
  return results.join(" ");
}

function alias(name: string, join: bool): i32 {
  const bytes = String.UTF8.encode(name);
  const ptr = changetype<usize>(bytes);
  return join ? abi.alias_add(ptr, bytes.byteLength) : abi.alias_remove(ptr, bytes.byteLength);
}

/** Asks the next atom of the list to go on with the others behind it, and passes its answer on. */
function ring(): string {
  const next = words[1];
  const id = ask(2, "/a/" + next + "/do", 0, "ring " + rest(2) + " " + next);
  return id < 0 ? Self.name() + " " + id.toString() : carry(id, Event.id());
}
