import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ClusterSecrets } from './cluster-secrets.ts';
import type { Network } from './network.ts';
import type { PictureService } from './picture-service.ts';
import type { PodIdentity } from './pod-identity.ts';
import { type FunctionDefaults, TaskFunction } from './task-function.ts';
import type { WorkloadImages, WorkloadName } from './workload-images.ts';

export interface ApplyWorkloadsProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
  readonly service: PictureService;
  readonly identity: PodIdentity;
  readonly images: WorkloadImages;
}

/** The function that applies the manifests with kubectl, and what it fills into them. */
export class ApplyWorkloads extends Construct {
  readonly task: TaskFunction;

  constructor(scope: Construct, id: string, props: ApplyWorkloadsProps) {
    super(scope, id);
    const { defaults, network, secrets } = props;
    const { bot } = defaults.config;
    const stack = Stack.of(this);

    this.task = new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'apply-workloads',
      description: 'Applies the manifests of the services and waits until they are rolled out',
      timeoutSeconds: 840,
      memoryMegabytes: 1024, // Lambda gives CPU by memory, and kubectl computes the manifests
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      layers: [new KubectlV36Layer(this, 'Kubectl')],
      environment: {
        KUBECONFIG_SECRET_ID: secrets.kubeconfigs.deployer.ref,
        KUBECTL: '/opt/kubectl/kubectl',
        WORKLOAD_IMAGES: stack.toJsonString(props.images.uris),
        WORKLOAD_PARAMETERS: stack.toJsonString(workloadParameters(props)),
        BOT_DOMAIN: bot.domain,
        ...(bot.certificateArn === undefined ? {} : { BOT_CERTIFICATE_ARN: bot.certificateArn }),
      },
      statements: [
        new PolicyStatement({
          sid: 'Kubeconfig',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secrets.kubeconfigs.deployer.ref],
        }),
      ],
    });
  }
}

/** Environment of the services by workload: the ConfigMaps <service>-parameters. Names of secrets, never their values. */
function workloadParameters({
  defaults,
  service,
  identity,
  secrets,
}: ApplyWorkloadsProps): Record<WorkloadName, Record<string, string>> {
  const shared = {
    AWS_REGION: defaults.config.region,
    PICTURES_BUCKET: service.pictures.bucketName,
    JOBS_QUEUE_URL: service.jobs.queueUrl,
    RESULTS_QUEUE_URL: service.results.queueUrl,
  };
  return {
    polybot: {
      ...shared,
      AWS_ROLE_ARN: identity.roleArns.polybot,
      TELEGRAM_SECRET_ID: secrets.telegram.ref,
      WEBHOOK_URL: `https://${defaults.config.bot.domain}/telegram`,
    },
    yolo5: { ...shared, AWS_ROLE_ARN: identity.roleArns.yolo5 },
  };
}
