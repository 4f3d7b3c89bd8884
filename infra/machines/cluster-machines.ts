import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { CommandDocuments } from '../commands/command-documents.ts';
import type { Commands } from '../commands/commands.ts';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import { AslStateMachine } from '../lib/asl-state-machine.ts';
import { pascalCase } from '../lib/placeholders.ts';
import type { FunctionDefaults } from '../lib/task-function.ts';
import type { ControlPlane } from '../nodes/control-plane.ts';
import type { Network } from '../nodes/network.ts';
import type { NodeSecurityGroups } from '../nodes/node-security-groups.ts';
import type { Workers } from '../nodes/workers.ts';
import type { ImageService } from '../service/image-service.ts';
import type { PredictionEvents } from '../service/prediction-events.ts';
import type { WorkloadImages } from '../service/workload-images.ts';
import { ApplyWorkloads } from './apply-workloads.ts';
import { EnsureControlPlane } from './ensure-control-plane.ts';
import { Events } from './events.ts';
import { FailureDescription } from './failure-description.ts';
import { InstanceWarnings } from './instance-warnings.ts';
import { Launches } from './launches.ts';
import { Leases } from './leases.ts';
import { LostWorkers } from './lost-workers.ts';
import { NodeTasks } from './node-tasks.ts';
import { PodSpread } from './pod-spread.ts';
import { PullSecret } from './pull-secret.ts';
import { Reconciliation } from './reconciliation.ts';

export interface ClusterMachinesProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly securityGroups: NodeSecurityGroups;
  readonly controlPlane: ControlPlane;
  readonly workers: Workers;
  readonly secrets: ClusterSecrets;
  readonly service: ImageService;
  readonly events: PredictionEvents;
  readonly identity: PodIdentity;
  readonly images: WorkloadImages;
  readonly documents: CommandDocuments;
  readonly commands: Commands;
  readonly alarmTopic: ITopic;
}

/**
 * The state machines of the cluster's life, the functions they call, and what starts them. Functions come first: a machine
 * can name only what is registered. What it names is in its file, state-machines/<name>.asl.json.
 */
export class ClusterMachines extends Construct {
  constructor(scope: Construct, id: string, props: ClusterMachinesProps) {
    super(scope, id);
    const { defaults, network, workers, secrets } = props;
    const { config, registry } = defaults;

    new Leases(this, 'Leases', { defaults });
    new NodeTasks(this, 'NodeTasks', { defaults, network, workers, secrets });
    const pullSecret = new PullSecret(this, 'PullSecret', { defaults, network, secrets });
    new Launches(this, 'Launches', { defaults, workers, alarmTopic: props.alarmTopic });
    new EnsureControlPlane(this, 'EnsureControlPlane', {
      defaults,
      vpc: network.vpc,
      securityGroup: props.securityGroups.controlPlane,
      controlPlane: props.controlPlane,
    });
    new ApplyWorkloads(this, 'ApplyWorkloads', {
      defaults,
      network,
      secrets,
      service: props.service,
      events: props.events,
      identity: props.identity,
      images: props.images,
    });
    new FailureDescription(this, 'FailureDescription', { defaults });

    for (const name of ['rotate-credentials', 'provision-cluster', 'drain-node', 'join-node']) {
      new AslStateMachine(this, pascalCase(name), { config, name, registry });
    }

    new Reconciliation(this, 'Reconciliation', { defaults, commands: props.commands, workers });
    const { deadLetterQueue } = new Events(this, 'Events', { config, registry, documents: props.documents, workers });
    pullSecret.copyEveryMinute(deadLetterQueue);
    new PodSpread(this, 'PodSpread', { defaults, network, secrets, workers, deadLetterQueue });
    new LostWorkers(this, 'LostWorkers', { defaults, network, secrets, deadLetterQueue, alarmTopic: props.alarmTopic });
    new InstanceWarnings(this, 'InstanceWarnings', { defaults, deadLetterQueue });
  }
}
