/** A state machine's definition as the twin reads it: where each state stands, and its waiting in the twin's time. */
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { TwinTime } from '#local/contracts/context.ts';

export type State = StateMachineDefinition['States'][string];
export type TaskState = Extract<State, { Type: 'Task' }> & { readonly HeartbeatSeconds?: number };

/** A state and the Parallel and Map states around it, outermost first. */
export interface PlacedState {
  readonly name: string;
  readonly state: State;
  /** '' for the top level, else '<parent state>/<branch>' of the innermost branch. */
  readonly scope: string;
  readonly ancestors: readonly string[];
}

type States = StateMachineDefinition['States'];
type Branch = Pick<StateMachineDefinition, 'StartAt' | 'States'>;

/** Every state of a machine, nested ones included, by its name: names are unique in a machine. */
export function placeStates(definition: StateMachineDefinition): ReadonlyMap<string, PlacedState> {
  const placed = new Map<string, PlacedState>();
  place(definition.States, '', []);
  return placed;

  function place(states: States, scope: string, ancestors: readonly string[]): void {
    for (const [name, state] of Object.entries(states)) {
      placed.set(name, { name, state, scope, ancestors });
      branchesOf(state).forEach((branch, index) => {
        place(branch.States, `${name}/${index}`, [...ancestors, name]);
      });
    }
  }
}

/** A copy whose Wait states and retries take the twin's time. Timeouts bound real work and stay as they are. */
export function scaleTimes(definition: StateMachineDefinition, time: TwinTime): StateMachineDefinition {
  const copy = structuredClone(definition);
  const scale = (seconds: number) => time.milliseconds(seconds) / 1000;
  scaleStates(copy.States);
  return copy;

  function scaleStates(states: States): void {
    for (const state of Object.values(states)) {
      if (state.Type === 'Wait' && state.Seconds !== undefined) state.Seconds = scale(state.Seconds);
      if ('Retry' in state) {
        for (const retrier of state.Retry ?? []) {
          retrier.IntervalSeconds = scale(retrier.IntervalSeconds ?? 1);
          if (retrier.MaxDelaySeconds !== undefined) retrier.MaxDelaySeconds = scale(retrier.MaxDelaySeconds);
        }
      }
      for (const branch of branchesOf(state)) scaleStates(branch.States);
    }
  }
}

/** Names that transitions lead to and no state of the same branch has. The language's full check is part of synthesis. */
export function danglingTargets({ StartAt, States: states }: Branch): readonly string[] {
  const targets = Object.values(states).flatMap((state) => [
    ...('Next' in state ? [state.Next] : []),
    ...('Catch' in state ? (state.Catch ?? []).map(({ Next }) => Next) : []),
    ...(state.Type === 'Choice' ? state.Choices.map(({ Next }) => Next) : []),
    ...(state.Type === 'Choice' && state.Default !== undefined ? [state.Default] : []),
  ]);
  const lost = [StartAt, ...targets].filter((target) => !(target in states));
  return [...lost, ...Object.values(states).flatMap((state) => branchesOf(state).flatMap(danglingTargets))];
}

function branchesOf(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  if (state.Type !== 'Map') return [];
  const iterated = state.ItemProcessor ?? state.Iterator;
  return iterated === undefined ? [] : [iterated];
}
