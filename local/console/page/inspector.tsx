import { useSignal } from '@preact/signals';
import { titleOf } from '@stepkube/tools/executions/outline.ts';
import { useEffect } from 'preact/hooks';
import type { StateView } from '#local/contracts/views.ts';
import type { StateInspection } from '../state-inspection.ts';
import { elapsed } from './format.ts';
import { now } from './snapshots.ts';

interface InspectorProps {
  readonly executionArn: string;
  readonly state: StateView;
  readonly onClose: () => void;
}

type Answer = StateInspection | 'loading' | { readonly failed: string };

/** What a state got, did and gave back. It asks once: its key changes with the state. */
export function Inspector({ executionArn, state, onClose }: InspectorProps) {
  const answer = useSignal<Answer>('loading');
  useEffect(() => {
    const request = new AbortController();
    load(executionArn, state.name, request.signal).then(
      (loaded) => {
        answer.value = loaded;
      },
      () => undefined,
    );
    return () => request.abort();
  }, [executionArn, state.name]);
  return (
    <section class="inspector" aria-label={`State ${titleOf(state.name)}`}>
      <h3>
        {titleOf(state.name)}
        <span class={`status ${state.status}`}>{state.status}</span>
        <small>{elapsed(state.enteredAt, state.exitedAt, now.value)}</small>
        <button type="button" class="close" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </h3>
      <Content answer={answer.value} />
    </section>
  );
}

function Content({ answer }: { readonly answer: Answer }) {
  if (answer === 'loading') return <p class="empty">Asking Step Functions …</p>;
  if ('failed' in answer) return <p class="cause">{answer.failed}</p>;
  const { attempts, command, input, output } = answer;
  const failed = attempts.filter(({ error }) => error !== undefined);
  return (
    <>
      {failed.map(({ startedAt, error, cause }, index) => (
        <p class="cause" key={startedAt}>
          <b>
            {attempts.length > 1 && `Try ${index + 1}: `}
            {error}
          </b>{' '}
          {cause}
        </p>
      ))}
      {command && (
        <Text
          title={`Command ${command.commandId} on ${command.instanceId}: ${command.status}`}
          text={[command.stdout, command.stderr].filter(Boolean).join('\n') || 'It has written nothing yet.'}
          open
        />
      )}
      {output !== undefined && <Text title="Output" text={pretty(output)} open={command === undefined} />}
      {input !== undefined && <Text title="Input" text={pretty(input)} />}
    </>
  );
}

function Text({
  title,
  text,
  open = false,
}: {
  readonly title: string;
  readonly text: string;
  readonly open?: boolean;
}) {
  return (
    <details open={open}>
      <summary>{title}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}

async function load(executionArn: string, name: string, signal: AbortSignal): Promise<Answer> {
  const path = `/api/executions/${encodeURIComponent(executionArn)}/states/${encodeURIComponent(name)}`;
  const response = await fetch(path, { signal });
  if (!response.ok) return { failed: await response.text() };
  return (await response.json()) as StateInspection;
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // cut by Step Functions
  }
}
