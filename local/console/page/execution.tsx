import { type Signal, useSignal } from '@preact/signals';
import type { OutlineState } from '@stepkube/tools/executions/outline.ts';
import { titleOf } from '@stepkube/tools/executions/outline.ts';
import type { StateView } from '#local/contracts/views.ts';
import type { ExecutionSummary } from '../snapshot.ts';
import { elapsed } from './format.ts';
import { Inspector } from './inspector.tsx';
import { now } from './snapshots.ts';

export function ExecutionPanel({ executions }: { readonly executions: readonly ExecutionSummary[] }) {
  const chosen = useSignal<string | undefined>(undefined);
  const chosenState = useSignal<string | undefined>(undefined);
  const shown = executions.find((execution) => execution.arn === chosen.value) ?? executions[0];
  if (shown === undefined) {
    return (
      <section class="card execution">
        <h2>Executions</h2>
        <p class="empty">Nothing has been started yet.</p>
      </section>
    );
  }
  const inspected = shown.states.find(({ name }) => name === chosenState.value);
  return (
    <section class="card execution" aria-label="Execution">
      <h2>
        {shown.title}
        <Status status={shown.status} />
        <small>{elapsed(shown.startedAt, shown.stoppedAt, now.value)}</small>
        <button
          type="button"
          class="again"
          disabled={isProvisioning(executions)}
          onClick={() => fetch('/api/executions', { method: 'POST' })}
        >
          Provision again
        </button>
      </h2>
      {shown.error && (
        <p class="cause">
          <b>{shown.error}</b> {shown.cause}
        </p>
      )}
      <Lane
        outline={shown.outline}
        states={new Map(shown.states.map((state) => [state.name, state]))}
        chosen={chosenState}
      />
      {inspected && (
        <Inspector
          key={`${shown.arn} ${inspected.name} ${inspected.status} ${inspected.retries}`}
          executionArn={shown.arn}
          state={inspected}
          onClose={() => {
            chosenState.value = undefined;
          }}
        />
      )}
      <nav aria-label="Executions">
        {executions.map((execution) => (
          <button
            type="button"
            key={execution.arn}
            class={execution === shown ? 'chip chosen' : 'chip'}
            title={`${execution.name} · ${elapsed(execution.startedAt, execution.stoppedAt, now.value)}`}
            onClick={() => {
              chosen.value = execution.arn;
            }}
          >
            <i class={`dot ${execution.status.toLowerCase()}`} />
            {execution.title}
          </button>
        ))}
      </nav>
    </section>
  );
}

interface LaneProps {
  readonly outline: readonly OutlineState[];
  readonly states: ReadonlyMap<string, StateView>;
  readonly chosen: Signal<string | undefined>;
}

/** States in the order in which they run; the branches of a Parallel state are side by side. */
function Lane({ outline, states, chosen }: LaneProps) {
  return (
    <ol class="lane">
      {outline.map(({ name, branches }) => {
        const state = states.get(name);
        return (
          <li
            key={name}
            class={`state ${state?.status ?? 'waiting'}`}
            data-state={name}
            data-status={state?.status ?? 'waiting'}
          >
            {branches.length === 0 ? (
              <Step name={name} state={state} chosen={chosen} />
            ) : (
              <div class="parallel">
                {branches.map((branch) => (
                  <Lane key={branch[0]?.name} outline={branch} states={states} chosen={chosen} />
                ))}
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface StepProps {
  readonly name: string;
  readonly state: StateView | undefined;
  readonly chosen: Signal<string | undefined>;
}

/** A click shows what the state got, did and gave back; there is nothing to show of one that was not reached. */
function Step({ name, state, chosen }: StepProps) {
  return (
    <button
      type="button"
      class="step"
      title={state?.error}
      disabled={state === undefined}
      aria-pressed={chosen.value === name}
      onClick={() => {
        chosen.value = chosen.value === name ? undefined : name;
      }}
    >
      <i class={`dot ${state?.status ?? 'waiting'}`} />
      <span>{titleOf(name)}</span>
      {state && state.retries > 0 && state.status === 'running' && <em>try {state.retries + 1}</em>}
      {state && <small>{elapsed(state.enteredAt, state.exitedAt, now.value)}</small>}
    </button>
  );
}

function Status({ status }: { readonly status: ExecutionSummary['status'] }) {
  return <span class={`status ${status.toLowerCase()}`}>{status.toLowerCase().replace('_', ' ')}</span>;
}

function isProvisioning(executions: readonly ExecutionSummary[]): boolean {
  return executions.some(
    (execution) => execution.machine.endsWith('provision-cluster') && execution.status === 'RUNNING',
  );
}
