import { projectPath } from '@stepkube/tools/project-path.ts';
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { AlarmTopic } from './alarms/alarm-topic.ts';
import { ClusterAlarms } from './alarms/cluster-alarms.ts';
import { Expiries } from './alarms/expiries.ts';
import { CommandDocuments } from './commands/command-documents.ts';
import { Commands } from './commands/commands.ts';
import type { ClusterConfig } from './config.ts';
import { ClusterSecrets } from './identity/cluster-secrets.ts';
import { IssuerBucket } from './identity/issuer-bucket.ts';
import { PodIdentity } from './identity/pod-identity.ts';
import { functionNames } from './lib/lambda-code.ts';
import { machineNames } from './lib/machine-files.ts';
import { pascalCase } from './lib/placeholders.ts';
import { Registry } from './lib/registry.ts';
import { ClusterMachines } from './machines/cluster-machines.ts';
import { ControlPlane } from './nodes/control-plane.ts';
import { Network } from './nodes/network.ts';
import { NodeSecurityGroups } from './nodes/node-security-groups.ts';
import { WorkerAutoscaling } from './nodes/worker-autoscaling.ts';
import { Workers } from './nodes/workers.ts';
import { ImageService } from './service/image-service.ts';
import { PredictionEvents } from './service/prediction-events.ts';
import { WorkloadImages } from './service/workload-images.ts';

export interface ClusterStackProps extends StackProps {
  readonly config: ClusterConfig;
  /** Folder of the bundled Lambda functions. */
  readonly bundles: string;
}

/** Everything static of one cluster. The provision-cluster machine adds the instances and what runs on them. */
export class ClusterStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundles, ...stackProps }: ClusterStackProps) {
    super(scope, id, stackProps);
    const { clusterName } = config;
    const registry = new Registry();
    const defaults = { config, bundles, registry };

    // Nodes
    const network = new Network(this, 'Network', { config });
    const { vpc } = network;
    const { lambdaSecurityGroup } = network;
    const securityGroups = new NodeSecurityGroups(this, 'NodeSecurityGroups', { config, vpc, lambdaSecurityGroup });
    const commandLog = new LogGroup(this, 'CommandLog', {
      logGroupName: `/${clusterName}/commands`,
      retention: config.retention.logsDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const secrets = new ClusterSecrets(this, 'Secrets', { clusterName });
    const issuer = new IssuerBucket(this, 'Issuer', { issuer: config.issuer });
    const addons = new Asset(this, 'Addons', { path: projectPath('workloads', 'addons') });
    const controlPlane = new ControlPlane(this, 'ControlPlane', {
      config,
      securityGroup: securityGroups.controlPlane,
      secrets,
      issuer,
      addons,
      commandLog,
    });
    const workers = new Workers(this, 'Workers', {
      config,
      vpc,
      securityGroup: securityGroups.worker,
      secrets,
      commandLog,
    });

    // The service
    const service = new ImageService(this, 'ImageService', { config });
    const events = new PredictionEvents(this, 'PredictionEvents', { config });
    const identity = new PodIdentity(this, 'PodIdentity', { issuer, service, events, secrets });
    const images = new WorkloadImages(this, 'Images');
    const autoscaling = config.workers.autoscaling
      ? new WorkerAutoscaling(this, 'WorkerAutoscaling', { clusterName, workers, identity, issuer })
      : undefined;

    // Documents, state machines and their functions
    const documents = new CommandDocuments(this, 'Documents', {
      clusterName,
      registry,
      parameters: {
        ClusterName: clusterName,
        PodCidr: config.network.podCidr,
        ServiceCidr: config.network.serviceCidr,
        IssuerBucket: issuer.bucket.bucketName,
        IssuerUrl: issuer.url,
        ManifestsUri: addons.s3ObjectUrl,
        AutoscalerRoleArn: autoscaling?.roleArn ?? 'none',
      },
    });
    const { topic } = new AlarmTopic(this, 'AlarmTopic', { config });
    const commands = new Commands(this, 'Commands', { defaults, documents, commandLog });
    new ClusterMachines(this, 'Machines', {
      defaults,
      network,
      securityGroups,
      controlPlane,
      workers,
      secrets,
      service,
      events,
      identity,
      images,
      documents,
      commands,
      alarmTopic: topic,
    });
    new Expiries(this, 'Expiries', { defaults, network, secrets, topic });
    new ClusterAlarms(this, 'Alarms', { clusterName, topic, registry, jobs: service.jobs.queue });
    registry.assertComplete({ functions: functionNames, machines: machineNames });

    const machineArn = (name: string) => registry.machine(name).resource.stateMachineArn;
    const outputs = {
      ClusterName: clusterName,
      PicturesBucketName: service.pictures.bucketName,
      TelegramSecretName: `${clusterName}/telegram`,
      WorkerGroupName: workers.groupName,
    };
    for (const name of machineNames) new CfnOutput(this, `${pascalCase(name)}MachineArn`, { value: machineArn(name) });
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(this, key, { value });
  }
}
