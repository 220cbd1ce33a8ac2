import { Clock, Format, Handled, Message, Output, Reply, Request, send } from "@radon/atoms-as/assembly";

/** Messages that one side handles; the other one handles as many. */
const ROUNDS: i32 = 1000;

let left: i32 = 0;
let began: f64 = 0;
let took: f64 = 0;

/** 16 bytes. */
function ball(): void {
  Output.begin();
  Output.text("0123456789abcdef");
}

/** `run` sends the first message to `volley-b`; `took` is the node's milliseconds for all of them, 0 before the last. */
export function on_request(): i32 {
  if (Request.isFor("run")) {
    left = ROUNDS;
    took = 0;
    began = Clock.uptimeMs();
    ball();
    send("volley-b");
    return Reply.changed();
  }
  Output.begin();
  Output.decimal(took);
  return Reply.content(Format.TEXT);
}

/** Sends the message back, until the one that began has handled its last. */
export function on_message(): i32 {
  if (began > 0 && --left == 0) {
    took = Clock.uptimeMs() - began;
    return Handled.DONE;
  }
  ball();
  Message.reply();
  return Handled.DONE;
}
