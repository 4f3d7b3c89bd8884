import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { WorkloadName } from '../lib/workload-names.ts';
import type { Network } from '../nodes/network.ts';
import type { EventConsumer } from '../service/event-consumer.ts';
import type { PictureService } from '../service/image-service.ts';
import type { PredictionEvents } from '../service/prediction-events.ts';
import type { WorkloadImages } from '../service/workload-images.ts';

export interface ApplyWorkloadsProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
  readonly service: PictureService;
  readonly events: PredictionEvents;
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

/**
 * Environment of the services by workload: the ConfigMaps <service>-parameters. Names of secrets, never their values, and
 * nothing that can be told from the rest: a function's own environment holds 4 KB.
 */
function workloadParameters({
  defaults,
  service,
  events,
  identity,
  secrets,
}: ApplyWorkloadsProps): Record<WorkloadName, Record<string, string>> {
  const { region, retention, bot } = defaults.config;
  const pictures = {
    AWS_REGION: region,
    EVENT_BUS_NAME: events.bus.eventBusName,
    PICTURES_BUCKET: service.pictures.bucketName,
    JOBS_QUEUE_URL: service.jobs.queue.queueUrl,
    RESULTS_QUEUE_URL: service.results.queue.queueUrl,
  };
  const consumer = ({ events: { queue, deadLetters }, table }: EventConsumer) => ({
    AWS_REGION: region,
    EVENTS_QUEUE_URL: queue.queueUrl,
    EVENTS_DEAD_LETTER_QUEUE_URL: deadLetters.queueUrl,
    EVENTS_TABLE: table.tableName,
    RETENTION_DAYS: String(retention.eventsDays),
  });
  return {
    metering: { ...consumer(events.metering), AWS_ROLE_ARN: identity.roleArns.metering, PLAN: bot.plan },
    'model-analyzer': { ...consumer(events.modelAnalyzer), AWS_ROLE_ARN: identity.roleArns['model-analyzer'] },
    polybot: {
      ...pictures,
      AWS_ROLE_ARN: identity.roleArns.polybot,
      REMINDERS_QUEUE_URL: service.reminders.queue.queueUrl,
      REMINDERS_DEAD_LETTER_QUEUE_URL: service.reminders.deadLetters.queueUrl,
      RESULTS_DEAD_LETTER_QUEUE_URL: service.results.deadLetters.queueUrl,
      NOTIFICATION_LOG_TABLE: service.notificationLog.tableName,
      PICTURES_PER_MINUTE: String(bot.picturesPerMinute),
      TELEGRAM_SECRET_ID: secrets.telegram.ref,
      PICTURES_DAYS: String(retention.picturesDays),
      EVENTS_DAYS: String(retention.eventsDays),
      WEBHOOK_URL: `https://${bot.domain}/telegram`,
    },
    yolo5: {
      ...pictures,
      AWS_ROLE_ARN: identity.roleArns.yolo5,
      JOBS_DEAD_LETTER_QUEUE_URL: service.jobs.deadLetters.queueUrl,
    },
  };
}
