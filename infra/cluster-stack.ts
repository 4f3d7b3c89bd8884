import { projectPath } from '@stepkube/tools/project-path.ts';
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { CommandDocuments } from './commands/command-documents.ts';
import { Commands } from './commands/commands.ts';
import type { ClusterConfig } from './config.ts';
import { ClusterSecrets } from './identity/cluster-secrets.ts';
import { IssuerBucket } from './identity/issuer-bucket.ts';
import { PodIdentity } from './identity/pod-identity.ts';
import { AslStateMachine } from './lib/asl-state-machine.ts';
import { ApplyWorkloads } from './machines/apply-workloads.ts';
import { EnsureControlPlane } from './machines/ensure-control-plane.ts';
import { Events } from './machines/events.ts';
import { NodeTasks } from './machines/node-tasks.ts';
import { Reconciliation } from './machines/reconciliation.ts';
import { ControlPlane } from './nodes/control-plane.ts';
import { Network } from './nodes/network.ts';
import { NodeSecurityGroup } from './nodes/node-security-group.ts';
import { Workers } from './nodes/workers.ts';
import { PictureService } from './service/image-service.ts';
import { PredictionEvents } from './service/prediction-events.ts';
import { WorkloadImages } from './service/workload-images.ts';

export interface ClusterStackProps extends StackProps {
  readonly config: ClusterConfig;
  /** Folder of the bundled Lambda functions. */
  readonly bundles: string;
}

/** Everything static of one cluster. The instances and what runs on them come by the provision-cluster machine. */
export class ClusterStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundles, ...stackProps }: ClusterStackProps) {
    super(scope, id, stackProps);
    const defaults = { config, bundles };

    // Nodes
    const network = new Network(this, 'Network', { config });
    const { vpc } = network;
    const { securityGroup } = new NodeSecurityGroup(this, 'NodeSecurityGroup', { config, vpc });
    const commandLog = new LogGroup(this, 'CommandLog', {
      logGroupName: `/${config.clusterName}/commands`,
      retention: config.retention.logsDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const secrets = new ClusterSecrets(this, 'Secrets', { clusterName: config.clusterName });
    const issuer = new IssuerBucket(this, 'Issuer');
    const addons = new Asset(this, 'Addons', { path: projectPath('workloads', 'addons') });
    const controlPlane = new ControlPlane(this, 'ControlPlane', {
      config,
      securityGroup,
      secrets,
      issuer,
      addons,
      commandLog,
    });
    const workers = new Workers(this, 'Workers', { config, vpc, securityGroup, secrets, commandLog });

    // The service
    const service = new PictureService(this, 'PictureService', { config });
    const events = new PredictionEvents(this, 'PredictionEvents', { config });
    const identity = new PodIdentity(this, 'PodIdentity', { issuer, service, events, secrets });
    const images = new WorkloadImages(this, 'Images');

    // The machines and their tasks
    const documents = new CommandDocuments(this, 'Documents', { clusterName: config.clusterName });
    const commands = new Commands(this, 'Commands', { defaults, documents, commandLog });
    const tasks = new NodeTasks(this, 'NodeTasks', {
      defaults,
      network,
      workers,
      secrets,
      clusterSettings: this.toJsonString({
        clusterName: config.clusterName,
        region: config.region,
        podCidr: config.network.podCidr,
        serviceCidr: config.network.serviceCidr,
        workers: config.workers.desired,
        issuerBucket: issuer.bucket.bucketName,
        issuerUrl: issuer.url,
        manifestsUri: addons.s3ObjectUrl,
      }),
    });
    const ensureControlPlane = new EnsureControlPlane(this, 'EnsureControlPlane', {
      defaults,
      vpc,
      securityGroup,
      controlPlane,
    });
    const applyWorkloads = new ApplyWorkloads(this, 'ApplyWorkloads', {
      defaults,
      network,
      secrets,
      service,
      events,
      identity,
      images,
    });

    const document = documents.physicalNames;
    const provisionCluster = new AslStateMachine(this, 'ProvisionCluster', {
      config,
      name: 'provision-cluster',
      file: projectPath('state-machines', 'provision-cluster.asl.json'),
      functions: {
        ResolveConfig: tasks.resolveConfig.function,
        EnsureControlPlane: ensureControlPlane.task.function,
        WaitForInstance: tasks.waitForInstance.function,
        SetWorkerCapacity: tasks.setWorkerCapacity.function,
        WaitForNodes: tasks.waitForNodes.function,
        ApplyWorkloads: applyWorkloads.task.function,
      },
      machines: { RunCommandMachine: commands.runCommand },
      texts: {
        InstallRuntimeDocument: document['install-runtime'],
        InitControlPlaneDocument: document['init-control-plane'],
        InstallNetworkDocument: document['install-network'],
        IssueJoinCredentialsDocument: document['issue-join-credentials'],
        CollectDiagnosticsDocument: document['collect-diagnostics'],
      },
    });
    const joinNode = new AslStateMachine(this, 'JoinNode', {
      config,
      name: 'join-node',
      file: projectPath('state-machines', 'join-node.asl.json'),
      functions: {
        ResolveConfig: tasks.resolveConfig.function,
        WaitForInstance: tasks.waitForInstance.function,
        WaitForJoinCredentials: tasks.waitForJoinCredentials.function,
        WaitForNodes: tasks.waitForNodes.function,
        CompleteLifecycleAction: tasks.completeLifecycleAction.function,
      },
      machines: { RunCommandMachine: commands.runCommand },
      texts: {
        InstallRuntimeDocument: document['install-runtime'],
        JoinNodeDocument: document['join-node'],
        CollectDiagnosticsDocument: document['collect-diagnostics'],
      },
    });
    const reconciliation = new Reconciliation(this, 'Reconciliation', { defaults, commands, workers, joinNode });
    new Events(this, 'Events', {
      config,
      documents,
      workers,
      finishCommand: commands.finishCommand,
      joinNode,
      reconcile: reconciliation.task,
    });

    const outputs = {
      ClusterName: config.clusterName,
      ProvisionClusterMachineArn: provisionCluster.stateMachine.stateMachineArn,
      RunCommandMachineArn: commands.runCommand.stateMachine.stateMachineArn,
      JoinNodeMachineArn: joinNode.stateMachine.stateMachineArn,
      PicturesBucketName: service.pictures.bucketName,
      TelegramSecretName: `${config.clusterName}/telegram`,
      WorkerGroupName: workers.groupName,
    };
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(this, key, { value });
  }
}
