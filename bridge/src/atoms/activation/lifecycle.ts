import type { ErrorDetails } from '../../problem/index.ts';
import { abiError, handlerResult, trap as trapNumber } from '../../tables/index.ts';
import type { StopReason, TrapReport } from '../messages.ts';
import { type ShownPhase, shownPhase } from '../shared-state.ts';
import { type CurrentEvent, createEvent } from './current-event.ts';
import type { Trap } from './guest.ts';
import type { Instance } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import type { InstanceTable } from './instance-table.ts';
import type { Assignment } from './policy.ts';
import type { Settlement } from './settlement.ts';
import { trapSentence } from './trap-report.ts';

/** How instances of an atom come, fail, come again and end, and who hears of it. */
export class Lifecycle {
  /** The atom holds memory: events are taken. */
  isAlive: boolean;
  /** Place of the newest event that the snapshot of its frozen instance gave. */
  takenPlace = 0;
  readonly #parts: AtomParts;
  readonly #instances: InstanceTable;
  readonly #assignment: Assignment;
  readonly #settlement: Settlement;

  constructor(parts: AtomParts, instances: InstanceTable, assignment: Assignment, settlement: Settlement) {
    this.#parts = parts;
    this.#instances = instances;
    this.#assignment = assignment;
    this.#settlement = settlement;
    this.isAlive = parts.state.get('alive') === 1;
  }

  get #isReactive(): boolean {
    return this.#parts.start.configuration.kind === 'reactive';
  }

  /** One instance that fails does not end the others. */
  get #isSeveral(): boolean {
    return this.#isReactive && this.#assignment.mostInstances > 1;
  }

  stopInstance(instance: Instance, reason: StopReason): void {
    if (!instance.has('on_stop')) return;
    this.#instances.setPhase(instance, 'RUNNING');
    const outcome = instance.activate(createEvent('STOP', this.#parts.nextEventId(), { reason }));
    if ('trap' in outcome) this.report(instance, outcome.trap, 'STOP');
  }

  /** An activation ended well: its event is settled, what it published is told, garbage is collected. */
  completed(instance: Instance, event: CurrentEvent, result: number): void {
    const isEnd = instance.caller.exitCode !== undefined;
    if (event.kind !== 'START') this.#instances.setPhase(instance, 'COMPLETED');
    this.#settlement.settle(
      event,
      isEnd && result === handlerResult.LATER ? handlerResult.DONE : result,
      instance,
    );
    if (isEnd) {
      this.#exited(instance);
      return;
    }
    this.#tell(instance);
    const outcome = instance.call('collect');
    if ('trap' in outcome) this.failed(instance, this.report(instance, outcome.trap, event.kind));
    else this.#instances.setPhase(instance, 'SUSPENDED');
    instance.freeSince = never;
  }

  // ---- Instances ----

  createOrFail(instance: Instance, start?: CurrentEvent): void {
    const trap = this.create(instance, start);
    if (trap !== undefined) this.failed(instance, this.report(instance, trap, 'START'), start);
  }

  /** Fresh memory, `_initialize`, `on_recover` after a failure where the configuration says so, `on_start`. */
  create(instance: Instance, start?: CurrentEvent): Trap | undefined {
    this.#instances.setPhase(instance, 'CREATED');
    const failed = instance.instantiate();
    this.showMemory();
    if (failed !== undefined) return failed;
    const initialised = instance.call('_initialize');
    if ('trap' in initialised) return initialised.trap;
    const recovered = this.#recover(instance);
    if (recovered !== undefined) return recovered;
    const event = start ?? createEvent('START', 0);
    this.#settlement.take(event, instance);
    instance.offered = 0;
    const started = instance.activate(event);
    if ('trap' in started) return started.trap;
    this.completed(instance, event, handlerResult.DONE);
    this.changed();
    return undefined;
  }

  #recover(instance: Instance): Trap | undefined {
    const { recovery } = this.#parts.start.configuration;
    if (recovery !== 'recover' || instance.failure === 'NONE') return undefined;
    const reason = trapNumber[instance.failure];
    instance.failure = 'NONE';
    const outcome = instance.activate(createEvent('RECOVER', this.#parts.nextEventId(), { reason }));
    return 'trap' in outcome ? outcome.trap : undefined;
  }

  /** The instance is lost in the middle of an event, or between two. */
  failed(instance: Instance, report: Trap, event?: CurrentEvent): void {
    this.#tell(instance);
    const restartAt = instance.failed(report.kind, this.#parts.node.now());
    const isAgain = restartAt !== undefined;
    if (event !== undefined) this.#settlement.failed(event, isAgain, instance, report.kind);
    if (!isAgain) {
      this.#failedForGood(instance);
      return;
    }
    this.#instances.setPhase(instance, 'ERROR');
    this.#loseMemory(instance);
    this.changed();
  }

  /** Its memory went with the worker that another instance held: no failure of its own, so it is made again at once. */
  lostMemory(instance: Instance): void {
    instance.failure = 'ABORT';
    instance.restartAt = this.#parts.node.now();
    this.#instances.setPhase(instance, 'ERROR');
    this.changed();
  }

  #failedForGood(instance: Instance): void {
    const escalates = this.#parts.start.configuration.recovery === 'escalate';
    if (this.#isSeveral && !escalates) {
      this.endInstance(instance);
      this.changed();
    } else this.end('ERROR');
    if (escalates) this.#parts.node.emit({ kind: 'escalate', index: this.#parts.start.index });
  }

  /** What does not survive a failure: memory, timers, watches, own requests. */
  #loseMemory(instance: Instance): void {
    this.#settlement.count('dropped', instance.lose());
    for (const id of this.#parts.own.forget(instance.number)) {
      this.#parts.node.emit({ kind: 'cancel', index: this.#parts.start.index, id });
    }
    this.showMemory();
  }

  /** The instance called exit. */
  #exited(instance: Instance): void {
    const { exitCode } = instance.caller;
    if (!this.#isReactive) {
      this.end('TERMINATED', 'TERMINATED', exitCode);
      return;
    }
    this.#tell(instance);
    this.endInstance(instance);
    this.changed(exitCode);
  }

  /** It takes everything of its own with it; events for it that wait are answered as if it had never been. */
  endInstance(instance: Instance): void {
    const { number, name } = instance;
    this.#loseMemory(instance);
    this.#instances.remove(instance);
    if (instance.aliases.size > 0) {
      this.#parts.node.emit({
        kind: 'joined',
        index: this.#parts.start.index,
        membership: { instance: number, aliases: [] },
      });
    }
    this.#settlement.refuseOpen(
      this.notRunning(this.#instances.all.length === 0 ? 'IDLE' : 'TERMINATED'),
      number,
    );
    for (const entry of [...this.#parts.inbox.entries]) {
      if (entry.target !== number) continue;
      if (!entry.isAddressed) entry.target = undefined;
      else if (entry.kind === 'REQUEST') this.#settlement.refuse(entry, 'NO_SUCH_ATOM', { name });
      else this.#settlement.dropLetter(entry, abiError.E_NOT_FOUND);
    }
    this.showPhase(this.#instances.all[0]?.phase ?? 'IDLE');
  }

  /** The atom gives its memory back; nothing waits any more. `shown`: how the node calls this phase. */
  end(phase: 'ERROR' | 'TERMINATED', shown: string = phase, exitCode?: number): void {
    const details = this.notRunning(shown);
    const takenPlace = this.#instances.frozen === undefined ? 0 : this.takenPlace;
    this.setAlive(false);
    for (const instance of this.#instances.all) {
      this.#tell(instance);
      this.#loseMemory(instance);
      this.#instances.remove(instance);
    }
    for (const entry of [...this.#parts.inbox.entries]) {
      const goesOn = entry.kind !== 'REQUEST' && entry.place <= takenPlace;
      if (goesOn) this.#settlement.remove(entry);
      else this.#settlement.abandon(entry, details);
    }
    this.#settlement.refuseOpen(details);
    this.#parts.exchange.forget(this.#parts.start.name);
    this.showPhase(phase);
    this.changed(exitCode);
  }

  // ---- Words to the network level ----

  notRunning(phase: string): ErrorDetails {
    return { name: this.#parts.start.name, phase };
  }

  setAlive(isAlive: boolean): void {
    this.isAlive = isAlive;
    this.#parts.node.later(() => this.#parts.state.set('alive', isAlive ? 1 : 0));
  }

  showPhase(phase: ShownPhase): void {
    this.#parts.node.later(() => this.#parts.state.set('phase', shownPhase[phase]));
  }

  showMemory(): void {
    const { memoryBytes } = this.#instances;
    this.#parts.node.later(() => this.#parts.state.set('memoryUsed', memoryBytes));
  }

  changed(exitCode?: number): void {
    const { index } = this.#parts.start;
    this.#parts.node.emit({ kind: 'changed', index, ...(exitCode === undefined ? {} : { exitCode }) });
  }

  /** The observers of what was published hear of it now. */
  #tell(instance: Instance): void {
    if (instance.caller.told) this.#parts.node.emit({ kind: 'ended', index: this.#parts.start.index });
    instance.caller.told = false;
  }

  report(instance: Instance, trap: Trap, event: string): TrapReport & Trap {
    const { shared } = this.#parts.node;
    shared.add('traps');
    if (trap.kind === 'DEADLINE') shared.add('deadlines');
    const report = { ...trap, event, reason: trapSentence[trap.kind] };
    const failure = { instance: instance.number, at: this.#parts.node.now() };
    this.#parts.node.emit({ kind: 'failed', index: this.#parts.start.index, trap: report, failure });
    return report;
  }
}

const never = Number.POSITIVE_INFINITY;
