import {
  ErrorCode, Format, Handled, Log, LogLevel, Output, Timer, Undelivered, publish, sendToInstance, spawn,
} from "@radon/atoms-as/assembly";

/** Tasks that shall run. */
const TASKS = 2;
const BEAT = 0;
const beatMs = 200;

/** A place that a task fills. */
@unmanaged
class Place {
  /** n of `task~n`, 0 while there is none. */
  instance: i32;
  /** The last message to it. */
  beat: i32;
}

const places = memory.data(TASKS * offsetof<Place>(), 4);
let restarts: i32 = -TASKS;

function place(index: i32): Place {
  return changetype<Place>(places + index * offsetof<Place>());
}

export function on_start(): void {
  Timer.every(BEAT, beatMs);
  for (let index = 0; index < TASKS; index++) fill(place(index));
  show();
}

/** A message to each task: what became of it tells whether the task lives. */
export function on_timer(): i32 {
  for (let index = 0; index < TASKS; index++) beat(place(index));
  return Handled.DONE;
}

/** Found out later: the task failed while it handled the message. */
export function on_undelivered(): i32 {
  for (let index = 0; index < TASKS; index++) {
    if (place(index).beat == Undelivered.id()) restart(place(index));
  }
  return Handled.DONE;
}

function beat(at: Place): void {
  Output.begin();
  Output.text("beat");
  at.beat = at.instance ? sendToInstance("task", at.instance) : -1;
  // E_FULL is a busy task; a missing one is told at once.
  if (!at.instance || at.beat == ErrorCode.E_NOT_FOUND) restart(at);
}

function restart(at: Place): void {
  if (at.instance) {
    Output.begin();
    Output.text("task~");
    Output.integer(at.instance);
    Output.text(" is gone");
    Log.output(LogLevel.WARN);
  }
  fill(at);
  show();
}

/** Starts a task; one that cannot be started is tried again at the next beat. */
function fill(at: Place): void {
  at.instance = max(spawn("task", "20"), 0);
  at.beat = 0;
  if (at.instance) restarts++;
}

function show(): void {
  Output.begin();
  Output.integer(max(restarts, 0));
  publish("restarts", Format.TEXT);
}
