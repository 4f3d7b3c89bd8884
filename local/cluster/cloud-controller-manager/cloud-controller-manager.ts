/** Starts the AWS cloud controller manager, simulated: it acts only while its own pod is ready. Entry of the component. */
import type { TwinContext } from '#local/contracts/context.ts';
import type { Target } from '../apimachinery/tcp-forwarder.ts';
import type { Client } from '../client/client.ts';
import { EventBroadcaster } from '../client/event-recorder.ts';
import { LoadBalancers } from './load-balancers.ts';
import { startNodeController } from './node-controller.ts';
import { startServiceController } from './service-controller.ts';

export interface CloudControllerManagerOptions {
  readonly client: Client;
  readonly context: Pick<TwinContext, 'network' | 'changed' | 'time'>;
  readonly log: (message: string) => void;
  /** Whether the EC2 instance of a node still runs. */
  readonly isInstanceRunning: (nodeName: string) => boolean;
}

export interface CloudControllerManager {
  /** Where a load balancer with this port listens; undefined while there is none. */
  resolveLoadBalancer(port: number): Target | undefined;
  stop(): Promise<void>;
}

export function startCloudControllerManager(options: CloudControllerManagerOptions): CloudControllerManager {
  const { client, context, log, isInstanceRunning } = options;
  const broadcaster = new EventBroadcaster(client);
  const loadBalancers = new LoadBalancers(context.network, context.changed);
  const controllers = [
    startNodeController({
      client,
      log,
      events: broadcaster.recorder('cloud-node-controller'),
      isInstanceRunning,
      time: context.time,
    }),
    startServiceController({ client, log, events: broadcaster.recorder('service-controller'), loadBalancers }),
  ];
  return {
    resolveLoadBalancer: (port) => loadBalancers.resolve(port),
    stop: async () => {
      for (const controller of controllers) controller.stop();
      await loadBalancers.close();
    },
  };
}
