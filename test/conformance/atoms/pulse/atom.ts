import { Event, Format, Handled, Io, Kv, Reply, Request, Self, Timer, Writer, notify, publish } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

const TEMPERATURE = 0;
const LED = 1;

const out = new Writer(128);
let live: i32 = 0;
let ticks: i32 = 0;

export function on_timer(): i32 {
  ticks += 1;
  publish("ticks", integer(Timer.fired).text(" ").integer(ticks));
  return Handled.DONE;
}

export function on_io(): i32 {
  publish("reading", integer(Event.reason).text(" ").decimal(Io.reading));
  return Handled.DONE;
}

export function on_request(): i32 {
  if (Request.isFor("level")) return putLevel();
  if (Request.isFor("live")) return Request.isGet ? Reply.content(integer(live)) : bump();
  if (Request.isFor("timer")) return startTimer();
  if (Request.isFor("watch")) return Reply.content(integer(Io.watch(TEMPERATURE, <i32>Request.number)));
  if (Request.isFor("led")) return Reply.content(integer(Io.write(LED, Request.number)));
  if (Request.isFor("codes")) return codes();
  return Handled.DONE;
}

function integer(value: i32): Writer {
  return out.clear(Format.TEXT).integer(value);
}

/** Publishes the body in its format; with query `short` for one second. */
function putLevel(): i32 {
  const seconds = Request.query == "short" ? 1 : 0;
  out.clear(Request.format < 0 ? Format.TEXT : Request.format).payload();
  return Reply.content(integer(publish("level", out, seconds)));
}

function bump(): i32 {
  live += 1;
  notify("live");
  return Reply.empty(68);
}

/** `once`: timer 0 after 30 ms; `every`: timer 1 each 20 ms; `stop`: both. */
function startTimer(): i32 {
  const which = Request.text;
  if (which == "once") return Reply.content(integer(Timer.after(0, 30)));
  if (which == "every") return Reply.content(integer(Timer.every(1, 20)));
  Timer.cancel(0);
  return Reply.content(integer(Timer.cancel(1)));
}

/** Results of wrong calls, in the order of docs/atom-abi.json. */
function codes(): i32 {
  out.clear(Format.TEXT);
  note(abi.event_get(99));
  note(abi.event_read(99, 0, 0));
  note(abi.reply(12345, 69, -1, 0, 0));
  note(abi.reply(0, 7, -1, 0, 0));
  note(abi.reply(0, 69, -1, 64, 500));
  note(abi.publish(0, 0, 0, 0, 0, 0));
  note(abi.notify(0, 0));
  note(abi.kv_get(0, 0, 0, 0));
  note(abi.kv_set(0, 40, 0, 0));
  note(Kv.setText("long", "more than the sixteen bytes of the quota"));
  note(Kv.remove("none"));
  note(abi.timer_set(2, 10, 0));
  note(abi.timer_set(0, -1, 0));
  note(abi.timer_cancel(1));
  note(Io.open("rain0"));
  note(Io.open("led0"));
  note(abi.io_read(7, 64));
  note(Io.write(TEMPERATURE, 1));
  note(Io.watch(TEMPERATURE, 8));
  note(abi.log(9, 64, 0));
  return Reply.content(out.text(Self.name));
}

function note(result: i32): void {
  out.integer(result).text(" ");
}
