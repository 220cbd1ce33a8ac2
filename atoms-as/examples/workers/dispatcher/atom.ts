import {
  Code, Event, Format, Handled, Message, Output, Reply, Request, Undelivered, send,
} from "@radon/atoms-as/assembly";

/** Jobs at once: as many as `limits.pending`. */
const JOBS = 4;

/** A job that a worker has: the request it came with, and the message it went as. */
@unmanaged
class Job {
  request: i32;
  message: i32;
}

const jobs = memory.data(JOBS * offsetof<Job>(), 4);

function job(place: i32): Job {
  return changetype<Job>(jobs + place * offsetof<Job>());
}

/** The job that a message stands for, null when there is none; 0 stands for a free place. */
function find(message: i32): Job | null {
  for (let place = 0; place < JOBS; place++) if (job(place).message == message) return job(place);
  return null;
}

/** POST to `jobs`: goes to a worker; its answer, in a later activation, is the answer to the request. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const free = find(0);
  if (!free) return Handled.LATER;
  Output.begin();
  Output.payload();
  const message = send("worker");
  if (message < 0) return Reply.empty(Code.UNAVAILABLE);
  free.message = message;
  free.request = Event.id();
  return Handled.DONE;
}

export function on_message(): i32 {
  Output.begin();
  Output.payload();
  return finish(Message.correlation(), Code.CONTENT);
}

export function on_undelivered(): i32 {
  Output.begin();
  Output.text("no worker did it");
  return finish(Undelivered.id(), Code.UNAVAILABLE);
}

/** Answers the request of a job with what stands in `Output`. One that waited too long was answered by the node. */
function finish(message: i32, code: i32): i32 {
  const done = message > 0 ? find(message) : null;
  if (!done) return Handled.REJECT;
  Reply.to(done.request, code, Format.TEXT);
  done.message = 0;
  return Handled.DONE;
}
