import { CfnOIDCProvider, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { pascalCase } from '../lib/placeholders.ts';
import { assertEveryService, type WorkloadName } from '../lib/workload-names.ts';
import type { EventConsumer } from '../service/event-consumer.ts';
import type { ImageService } from '../service/image-service.ts';
import { eventSources, type PredictionEvents } from '../service/prediction-events.ts';
import type { WorkQueue } from '../service/work-queue.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import type { IssuerBucket } from './issuer-bucket.ts';
import { audience, serviceAccountRole } from './service-account-role.ts';

export interface PodIdentityProps {
  readonly issuer: IssuerBucket;
  readonly service: ImageService;
  readonly events: PredictionEvents;
  readonly secrets: ClusterSecrets;
}

const namespace = 'stepkube';
/** IAM trusts S3's certificate by its root and never compares this, but the property is required. */
const rootThumbprint = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

/** Roles for the cluster's service accounts, which IAM trusts by OIDC: one each, with the permissions of that service only. */
export class PodIdentity extends Construct {
  /** IAM's trust in the cluster's issuer of tokens. */
  readonly provider: CfnOIDCProvider;
  readonly #roleArns = new Map<WorkloadName, string>();

  constructor(scope: Construct, id: string, { issuer, service, events, secrets }: PodIdentityProps) {
    super(scope, id);
    const { pictures, jobs, results, downloads, reminders, notificationLog } = service;
    // Without ListBucket, S3 answers AccessDenied instead of NoSuchKey for a picture that has expired.
    const knowMissing = () => allow('KnowMissing', ['s3:ListBucket'], [pictures.bucketArn]);

    const permissions: Readonly<Record<WorkloadName, readonly PolicyStatement[]>> = {
      metering: consume(events.metering),
      'model-analyzer': consume(events.modelAnalyzer),
      polybot: [
        allow('PutPictures', ['s3:PutObject'], [pictures.arnForObjects('uploads/*')]),
        knowMissing(),
        allow('GetAnnotated', ['s3:GetObject'], [pictures.arnForObjects('annotated/*')]),
        send('SendJobs', jobs.queue),
        ...receive('Results', results),
        // What Telegram's pace has no room for is sent again, with a delay.
        send('PostponeResults', results.queue),
        send('SendDownloads', downloads.queue),
        ...receive('Downloads', downloads),
        send('SendReminders', reminders.queue),
        ...receive('Reminders', reminders),
        allow(
          'NotificationLog',
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          [notificationLog.tableArn],
        ),
        allow('TelegramSecret', ['secretsmanager:GetSecretValue'], [secrets.telegram.ref]),
        putEvents(events, 'polybot'),
      ],
      yolo5: [
        knowMissing(),
        allow('GetPictures', ['s3:GetObject'], [pictures.arnForObjects('uploads/*')]),
        allow('PutAnnotated', ['s3:PutObject'], [pictures.arnForObjects('annotated/*')]),
        ...receive('Jobs', jobs),
        send('SendResults', results.queue),
        putEvents(events, 'yolo5'),
      ],
    };
    assertEveryService('role', Object.keys(permissions));

    this.provider = new CfnOIDCProvider(this, 'Provider', {
      url: issuer.url,
      clientIdList: [audience],
      thumbprintList: [rootThumbprint],
    });
    for (const [name, statements] of Object.entries(permissions)) {
      const account = { provider: this.provider, issuer, namespace, serviceAccount: name };
      const { roleArn } = serviceAccountRole(this, pascalCase(name), { ...account, statements });
      this.#roleArns.set(name, roleArn);
    }

    for (const folder of ['uploads/*', 'annotated/*']) {
      acknowledgeWildcard(
        this,
        pictures.arnForObjects(folder),
        'An object per picture: the role is bound to a folder and, in it, to one direction.',
      );
    }
  }

  /** @returns the ARN of the role of a service's pods. */
  roleArn(name: WorkloadName): string {
    return this.#roleArns.get(name)!;
  }
}

const send = (sid: string, { queueArn }: IQueue) => allow(sid, ['sqs:SendMessage'], [queueArn]);

/** A consumer also moves messages that it cannot handle to the dead letters. */
const receive = (name: string, { queue, deadLetters }: WorkQueue) => [
  allow(`Receive${name}`, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [queue.queueArn]),
  send(`DeadLetter${name}`, deadLetters),
];

/** IAM checks each action of a transaction by itself; a rebuild scans all events. */
const tableActions = [
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
];

/** A consumer of events reads its own queue and works in its own table, nothing else. */
function consume({ events, table }: EventConsumer): PolicyStatement[] {
  return [...receive('Events', events), allow('Table', tableActions, [table.tableArn])];
}

/** A sender can put only its own types of events, under its own source. */
function putEvents({ bus }: PredictionEvents, sender: keyof typeof eventSources): PolicyStatement {
  const { source, types } = eventSources[sender];
  return new PolicyStatement({
    sid: 'PutEvents',
    actions: ['events:PutEvents'],
    resources: [bus.eventBusArn],
    conditions: { StringEquals: { 'events:source': source, 'events:detail-type': [...types] } },
  });
}

function allow(sid: string, actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions, resources });
}
