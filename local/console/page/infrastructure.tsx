import type { InstanceView, NodeView, PodView, QueueView } from '#local/contracts/views.ts';
import type { Snapshot } from '../snapshot.ts';
import { Refusal, WorkerActions, WorkerCapacity } from './actions.tsx';

/** Each instance with its node and the node's pods, and the queues. */
export function InfrastructurePanel({ snapshot }: { readonly snapshot: Snapshot }) {
  const { instances, nodes, pods, queues, workers } = snapshot;
  const unscheduled = pods.filter((pod) => pod.node === undefined);
  return (
    <section class="card infrastructure" aria-label="Cluster">
      <h2>
        Cluster
        {workers && <WorkerCapacity {...workers} />}
        <small>
          {nodes.filter((node) => node.ready).length} of {nodes.length} nodes ready ·{' '}
          {pods.filter((pod) => pod.ready).length} of {pods.length} pods ready
        </small>
      </h2>
      <Refusal />
      <div class="instances">
        {instances.map((instance) => {
          const node = nodes.find((candidate) => candidate.instanceId === instance.instanceId);
          return (
            <Instance
              key={instance.instanceId}
              instance={instance}
              node={node}
              pods={pods.filter((pod) => node && pod.node === node.name)}
            />
          );
        })}
        {instances.length === 0 && <p class="empty">No instances yet.</p>}
      </div>
      {unscheduled.length > 0 && (
        <div class="unscheduled">
          <h3>Waiting for a node</h3>
          <Pods pods={unscheduled} />
        </div>
      )}
      <div class="queues">
        {queues.map((queue) => (
          <Queue key={queue.name} queue={queue} />
        ))}
      </div>
    </section>
  );
}

interface InstanceProps {
  readonly instance: InstanceView;
  readonly node: NodeView | undefined;
  readonly pods: readonly PodView[];
}

function Instance({ instance, node, pods }: InstanceProps) {
  const condition = nodeCondition(instance, node);
  return (
    <article class={`instance ${instance.role} ${instance.state}`} data-instance={instance.instanceId}>
      <h3>
        {instance.role === 'control-plane' ? 'Control plane' : 'Worker'}
        <span class={`badge ${condition.kind}`}>{condition.text}</span>
      </h3>
      <p class="facts">
        <code>{instance.instanceId}</code>
        <br />
        {instance.instanceType} · {instance.availabilityZone} · {instance.privateIp}
        <br />
        {instance.lifecycleState ?? instance.state} · agent {instance.agent}
        {node && ` · ${node.version}`}
      </p>
      <Pods pods={pods} />
      {instance.role === 'worker' && instance.state === 'running' && <WorkerActions instanceId={instance.instanceId} />}
    </article>
  );
}

function nodeCondition(instance: InstanceView, node: NodeView | undefined): { kind: string; text: string } {
  if (node?.ready) return { kind: 'good', text: 'Ready' };
  if (node) return { kind: 'busy', text: 'NotReady' };
  return { kind: 'busy', text: instance.state === 'running' ? 'preparing' : instance.state };
}

/** The project's own pods by name; simulated ones as dots with the name in the tooltip. */
function Pods({ pods }: { readonly pods: readonly PodView[] }) {
  const simulated = pods.filter((pod) => !pod.real);
  return (
    <div class="pods">
      {pods
        .filter((pod) => pod.real)
        .map((pod) => (
          <span
            key={pod.name}
            class="pod"
            title={`${pod.namespace}/${pod.name} · ${pod.phase} · ${pod.restarts} restarts`}
            data-pod={pod.name}
          >
            <i class={`dot ${podDot(pod)}`} />
            {pod.name}
            {pod.reason && !pod.ready && <em>{pod.reason}</em>}
          </span>
        ))}
      {simulated.length > 0 && (
        <span class="simulated-pods">
          {simulated.map((pod) => (
            <i
              key={`${pod.namespace}/${pod.name}`}
              class={`dot ${podDot(pod)}`}
              title={`${pod.namespace}/${pod.name} · ${pod.phase} · simulated`}
            />
          ))}
          {simulated.length} simulated
        </span>
      )}
    </div>
  );
}

function podDot(pod: PodView): string {
  if (pod.ready) return 'succeeded';
  return pod.phase === 'Failed' || pod.reason === 'CrashLoopBackOff' ? 'failed' : 'running';
}

function Queue({ queue }: { readonly queue: QueueView }) {
  return (
    <span class="queue" data-queue={queue.name}>
      {queue.name} <b>{queue.visible}</b> waiting <b>{queue.inFlight}</b> in flight
    </span>
  );
}
