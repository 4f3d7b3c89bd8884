/** Reads definitions of state machines. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html */
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { TwinTime } from '#local/contracts/context.ts';
import { strictChoice } from './choice-rules.ts';

export type State = StateMachineDefinition['States'][string];
type TaskState = Extract<State, { Type: 'Task' }> & { readonly HeartbeatSeconds?: number };

/** A state and its place in the machine. */
export interface PlacedState {
  readonly name: string;
  readonly state: State;
  /** '' at the top level, else '<parent state>/<branch number>' of the innermost branch. */
  readonly scope: string;
  /** Names of the Parallel and Map states around it, outermost first. */
  readonly ancestors: readonly string[];
}

export interface PlacedTask extends PlacedState {
  readonly state: TaskState;
}

export function isTask(placed: PlacedState): placed is PlacedTask {
  return placed.state.Type === 'Task';
}

type States = StateMachineDefinition['States'];
type Branch = Pick<StateMachineDefinition, 'StartAt' | 'States'>;

/** All states of a machine, nested ones included, by their names, which are unique in a machine. */
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

/**
 * A copy for the interpreter: its Wait states and retry intervals are in real seconds for simulated ones (timeouts bound real work: they
 * stay), and its choices are strict.
 */
export function interpretable(definition: StateMachineDefinition, time: TwinTime): StateMachineDefinition {
  const copy = structuredClone(definition);
  const scale = (seconds: number) => time.milliseconds(seconds) / 1000;
  scaleStates(copy.States);
  return copy;

  function scaleStates(states: States): void {
    for (const state of Object.values(states)) {
      if (state.Type === 'Choice') state.Choices = state.Choices.map(strictChoice);
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

/**
 * Names that a transition leads to without a state of that name in the same branch.
 * This is the one error that the interpreter would only find on the way; `npm run check` validates definitions in full.
 */
export function missingTargets({ StartAt, States: states }: Branch): readonly string[] {
  const targets = Object.values(states).flatMap((state) => [
    ...('Next' in state ? [state.Next] : []),
    ...('Catch' in state ? (state.Catch ?? []).map(({ Next }) => Next) : []),
    ...(state.Type === 'Choice' ? state.Choices.map(({ Next }) => Next) : []),
    ...(state.Type === 'Choice' && state.Default !== undefined ? [state.Default] : []),
  ]);
  const missing = [StartAt, ...targets].filter((target) => !(target in states));
  return [...missing, ...Object.values(states).flatMap((state) => branchesOf(state).flatMap(missingTargets))];
}

function branchesOf(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  if (state.Type !== 'Map') return [];
  const iterated = state.ItemProcessor ?? state.Iterator;
  return iterated === undefined ? [] : [iterated];
}
