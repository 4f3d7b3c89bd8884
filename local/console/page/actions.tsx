import { signal } from '@preact/signals';
import type { Action } from '../actions.ts';

/** Why the last action was refused. */
const refusal = signal<string | undefined>(undefined);

async function act(action: Action): Promise<void> {
  const response = await fetch('/api/actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(action),
  }).catch(() => undefined);
  refusal.value = response?.ok ? undefined : ((await response?.text()) ?? 'the twin does not answer');
}

interface ActionButtonProps {
  readonly action: Action;
  readonly label: string;
  readonly title: string;
  readonly disabled?: boolean;
}

function ActionButton({ action, label, title, disabled = false }: ActionButtonProps) {
  return (
    <button type="button" class="verb" title={title} disabled={disabled} onClick={() => act(action)}>
      {label}
    </button>
  );
}

export function Refusal() {
  return refusal.value === undefined ? null : (
    <p class="cause" role="alert">
      {refusal.value}
    </p>
  );
}

interface Capacity {
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** The number of workers, as in the Auto Scaling group of the console. */
export function WorkerCapacity({ desired, minimum, maximum }: Capacity) {
  return (
    <span class="capacity">
      <ActionButton
        action={{ action: 'scale', workers: desired - 1 }}
        label="−"
        title="One worker less: it is drained first"
        disabled={desired <= minimum}
      />
      <b>{desired}</b> {desired === 1 ? 'worker' : 'workers'}
      <ActionButton
        action={{ action: 'scale', workers: desired + 1 }}
        label="+"
        title="One worker more"
        disabled={desired >= maximum}
      />
    </span>
  );
}

const workerActions = [
  { action: 'drain', label: 'Drain', title: 'Moves its pods elsewhere; the instance stays' },
  { action: 'replace', label: 'Replace', title: 'Drains it, and its group puts another one in its place' },
  {
    action: 'interrupt',
    label: 'Interrupt',
    title: 'EC2 takes it back as a spot instance, two minutes after a warning',
  },
  { action: 'kill', label: 'Kill', title: 'The instance ends without a word' },
] as const;

export function WorkerActions({ instanceId }: { readonly instanceId: string }) {
  return (
    <div class="actions">
      {workerActions.map(({ action, label, title }) => (
        <ActionButton key={action} action={{ action, instanceId }} label={label} title={title} />
      ))}
    </div>
  );
}

/** @param time the twin's, ISO 8601 */
export function Clock({ time }: { readonly time: string }) {
  return (
    <span class="clock">
      <time datetime={time}>{new Date(time).toLocaleDateString('en-GB', { dateStyle: 'medium' })}</time>
      {[1, 30].map((days) => (
        <ActionButton
          key={days}
          action={{ action: 'moveClock', days }}
          label={`+${days} d`}
          title={`Moves the twin's clock ${days === 1 ? 'a day' : `${days} days`} ahead: schedules run, credentials end`}
        />
      ))}
    </span>
  );
}
