// Exercises what goes to and comes from other atoms, driven from messages.test.ts.
import {
  Causal, Event, Message, Method, Output, Response, Self, SendFlag, Start, Undelivered, ask, cancel, exists, observe,
  send, sendText, sendToInstance, spawn,
} from "@radon/atoms-as/assembly";

@unmanaged
class Point {
  x: i32;
  y: i32;
}

const point = changetype<Point>(memory.data(offsetof<Point>(), 8));

function body(bytes: i32): void {
  Output.begin();
  for (let i = 0; i < bytes; i++) Output.byte(0x61);
}

export function sendBody(bytes: i32): i32 {
  body(bytes);
  return send("gauge-1/lamp", SendFlag.REPORT);
}

export function sendOn(): i32 {
  return sendText("lamp", "on");
}

export function sendTo(number: i32): i32 {
  body(3);
  return sendToInstance("worker", number);
}

export function askFor(bytes: i32, format: i32): i32 {
  body(bytes);
  return ask(Method.POST, "//cellar/a/tank/level", format);
}

export function follow(): i32 {
  return observe("/a/rain/level");
}

export function giveUp(id: i32): i32 {
  return cancel(id);
}

export function spawnWorker(): i32 {
  return spawn("worker", "20");
}

export function joinGauges(): i32 {
  return Self.join("gauges") + 10 * Self.leave("gauges");
}

export function isSelf(): i32 {
  return <i32>Self.is("worker~2") + 2 * <i32>Self.is("worker") + 4 * <i32>exists("rain.*");
}

export function replyPoint(x: i32, y: i32): i32 {
  point.x = x;
  point.y = y;
  Output.begin();
  Output.record(point);
  return Message.reply();
}

export function readPoint(): i32 {
  point.x = -1;
  return Message.read(point) ? point.x * 100 + point.y : point.x;
}

/** What the views say, a bit each. */
export function views(): i32 {
  return (
    <i32>Message.answers(7) |
    (<i32>Message.answers(0) << 1) |
    (<i32>Message.isFrom("button") << 2) |
    (<i32>Message.is("on") << 3) |
    (<i32>Response.answers(7) << 4) |
    (<i32>Response.isSuccess() << 5) |
    (<i32>Response.isLast() << 6) |
    (<i32>Undelivered.isTo("button") << 7) |
    (<i32>Start.isSpawned() << 8)
  );
}

export function numbers(): f64 {
  return Message.number();
}

export function reason(): i32 {
  return Event.reason();
}

export function openGroup(place: i32, count: i32): void {
  Causal.open(place, count);
}

/** Says two bytes to the group. */
export function sayToGroup(): i32 {
  Causal.begin();
  Output.text("hi");
  return send("peers");
}

/** 1 when it was due; its body is then sent to `seen`. */
export function hear(): i32 {
  if (!Causal.isDue()) return 0;
  Output.begin();
  Causal.body();
  send("seen");
  return 1;
}

export function heardFrom(): i32 {
  return Causal.sender();
}
