export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  /** `most`: the value may not be larger; `least`: not smaller. */
  readonly bound: 'most' | 'least';
}

export function recordGoal(goal: Goal): void;
export function recordFigure(name: string, value: number | string, unit?: string): void;
export function median(values: readonly number[]): number;
