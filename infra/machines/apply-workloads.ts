import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import { assertEveryService, type WorkloadName } from '../lib/workload-names.ts';
import type { Network } from '../nodes/network.ts';
import type { EventConsumer } from '../service/event-consumer.ts';
import type { ImageService } from '../service/image-service.ts';
import type { PredictionEvents } from '../service/prediction-events.ts';
import type { WorkloadImages } from '../service/workload-images.ts';

export interface ApplyWorkloadsProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
  readonly service: ImageService;
  readonly events: PredictionEvents;
  readonly identity: PodIdentity;
  readonly images: WorkloadImages;
}

/**
 * The function that applies the manifests with kubectl, and the settings that it fills into them. The settings are task
 * input rather than environment variables, which hold 4 KB in all; the function could not read a parameter store, because
 * in its subnets only S3 and Secrets Manager have endpoints.
 */
export class ApplyWorkloads extends Construct {
  constructor(scope: Construct, id: string, props: ApplyWorkloadsProps) {
    super(scope, id);
    const { defaults, network, secrets } = props;
    const { bot } = defaults.config;

    new TaskFunction(this, 'Function', {
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
    defaults.registry.addValue('WorkloadSettings', {
      images: props.images.uris,
      parameters: workloadParameters(props),
      networks: {
        nodes: defaults.config.network.vpcCidr,
        pods: defaults.config.network.podCidr,
        services: defaults.config.network.serviceCidr,
        endpoints: network.vpc.isolatedSubnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock),
      },
    });
  }
}

/**
 * Environment variables of the services: entries of their ConfigMaps `<service>-parameters`. Names of secrets, never their
 * values: they are visible in the execution history.
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
    EVENT_BUS_NAME: events.bus.eventBusName,
    PICTURES_BUCKET: service.pictures.bucketName,
    JOBS_QUEUE_URL: service.jobs.queue.queueUrl,
    RESULTS_QUEUE_URL: service.results.queue.queueUrl,
  };
  const consumer = ({ events: { queue, deadLetters }, table }: EventConsumer) => ({
    EVENTS_QUEUE_URL: queue.queueUrl,
    EVENTS_DEAD_LETTER_QUEUE_URL: deadLetters.queueUrl,
    EVENTS_TABLE: table.tableName,
    RETENTION_DAYS: String(retention.eventsDays),
  });
  const parameters: Readonly<Record<WorkloadName, Readonly<Record<string, string>>>> = {
    metering: consumer(events.metering),
    'model-analyzer': consumer(events.modelAnalyzer),
    polybot: {
      ...pictures,
      DOWNLOADS_QUEUE_URL: service.downloads.queue.queueUrl,
      DOWNLOADS_DEAD_LETTER_QUEUE_URL: service.downloads.deadLetters.queueUrl,
      REMINDERS_QUEUE_URL: service.reminders.queue.queueUrl,
      REMINDERS_DEAD_LETTER_QUEUE_URL: service.reminders.deadLetters.queueUrl,
      RESULTS_DEAD_LETTER_QUEUE_URL: service.results.deadLetters.queueUrl,
      NOTIFICATION_LOG_TABLE: service.notificationLog.tableName,
      PLAN: bot.plan,
      PICTURES_PER_MINUTE: String(bot.picturesPerMinute),
      TELEGRAM_SECRET_ID: secrets.telegram.ref,
      PICTURES_DAYS: String(retention.picturesDays),
      EVENTS_DAYS: String(retention.eventsDays),
      WEBHOOK_URL: `https://${bot.domain}/telegram`,
    },
    yolo5: { ...pictures, JOBS_DEAD_LETTER_QUEUE_URL: service.jobs.deadLetters.queueUrl },
  };
  assertEveryService('set of parameters', Object.keys(parameters));
  const withIdentity = (name: WorkloadName) => ({ AWS_REGION: region, AWS_ROLE_ARN: identity.roleArn(name) });
  return Object.fromEntries(
    Object.entries(parameters).map(([name, values]) => [name, { ...withIdentity(name), ...values }]),
  );
}
