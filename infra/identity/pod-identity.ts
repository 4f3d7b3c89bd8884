import { Fn } from 'aws-cdk-lib';
import { CfnOIDCProvider, type CfnRole, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../lib/nag.ts';
import type { WorkloadName } from '../lib/workload-names.ts';
import type { EventConsumer } from '../service/event-consumer.ts';
import type { PictureService } from '../service/image-service.ts';
import { eventSources, type PredictionEvents } from '../service/prediction-events.ts';
import type { WorkQueue } from '../service/work-queue.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import type { IssuerBucket } from './issuer-bucket.ts';

export interface PodIdentityProps {
  readonly issuer: IssuerBucket;
  readonly service: PictureService;
  readonly events: PredictionEvents;
  readonly secrets: ClusterSecrets;
}

const audience = 'sts.amazonaws.com';
const namespace = 'stepkube';
/** IAM checks S3's certificate by its own roots and never compares this, but asks for one before the issuer answers. */
const rootThumbprint = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

/** IAM trusts the cluster's service accounts: one role each, with what that service needs and nothing else. */
export class PodIdentity extends Construct {
  readonly roleArns: Readonly<Record<WorkloadName, string>>;

  constructor(scope: Construct, id: string, { issuer, service, events, secrets }: PodIdentityProps) {
    super(scope, id);
    const provider = new CfnOIDCProvider(this, 'Provider', {
      url: issuer.url,
      clientIdList: [audience],
      thumbprintList: [rootThumbprint],
    });
    const { pictures, jobs, results, reminders, notificationLog } = service;
    // S3 answers NoSuchKey only to those who may list: to others a picture that has expired is AccessDenied.
    const knowMissing = () => allow('KnowMissing', ['s3:ListBucket'], [pictures.bucketArn]);

    const polybot = this.#role('Polybot', 'polybot', provider, issuer, [
      allow('PutPictures', ['s3:PutObject'], [pictures.arnForObjects('uploads/*')]),
      knowMissing(),
      allow('GetAnnotated', ['s3:GetObject'], [pictures.arnForObjects('annotated/*')]),
      send('SendJobs', jobs.queue),
      ...receive('Results', results),
      send('SendReminders', reminders.queue),
      ...receive('Reminders', reminders),
      allow(
        'NotificationLog',
        ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        [notificationLog.tableArn],
      ),
      allow('TelegramSecret', ['secretsmanager:GetSecretValue'], [secrets.telegram.ref]),
      putEvents(events, 'polybot'),
    ]);
    const yolo5 = this.#role('Yolo5', 'yolo5', provider, issuer, [
      knowMissing(),
      allow('GetPictures', ['s3:GetObject'], [pictures.arnForObjects('uploads/*')]),
      allow('PutAnnotated', ['s3:PutObject'], [pictures.arnForObjects('annotated/*')]),
      ...receive('Jobs', jobs),
      send('SendResults', results.queue),
      putEvents(events, 'yolo5'),
    ]);
    const metering = this.#role('Metering', 'metering', provider, issuer, consume(events.metering));
    const modelAnalyzer = this.#role(
      'ModelAnalyzer',
      'model-analyzer',
      provider,
      issuer,
      consume(events.modelAnalyzer),
    );
    this.roleArns = {
      polybot: polybot.roleArn,
      yolo5: yolo5.roleArn,
      metering: metering.roleArn,
      'model-analyzer': modelAnalyzer.roleArn,
    };

    for (const folder of ['uploads/*', 'annotated/*']) {
      acknowledgeWildcard(
        this,
        pictures.arnForObjects(folder),
        'An object per picture: the role is bound to a folder and, in it, to one direction.',
      );
    }
  }

  #role(
    id: string,
    serviceAccount: string,
    provider: CfnOIDCProvider,
    issuer: IssuerBucket,
    statements: readonly PolicyStatement[],
  ): Role {
    const role = new Role(this, id, {
      description: `Pods of service account ${namespace}/${serviceAccount}`,
      assumedBy: new WebIdentityPrincipal(provider.attrArn),
    });
    for (const statement of statements) role.addToPolicy(statement);

    // The condition keys hold the bucket's name, known at deployment only: CloudFormation can fill it into text, not into a key.
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: '${Provider}' },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              '${IssuerHost}:sub': `system:serviceaccount:${namespace}:${serviceAccount}`,
              '${IssuerHost}:aud': audience,
            },
          },
        },
      ],
    };
    const resource = role.node.defaultChild as CfnRole;
    resource.assumeRolePolicyDocument = Fn.sub(JSON.stringify(trust), {
      Provider: provider.attrArn,
      IssuerHost: issuer.host,
    });
    return role;
  }
}

const send = (sid: string, { queueArn }: IQueue) => allow(sid, ['sqs:SendMessage'], [queueArn]);

/** Who receives messages moves those it gives up to the dead letters. */
const receive = (name: string, { queue, deadLetters }: WorkQueue) => [
  allow(`Receive${name}`, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [queue.queueArn]),
  send(`GiveUp${name}`, deadLetters),
];

/** The actions of a transaction are asked for one by one; a rebuild scans all events. */
const tableActions = [
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
];

/** A consumer of events reads its own queue and works in its own table, and that is all. */
function consume({ events, table }: EventConsumer): PolicyStatement[] {
  return [...receive('Events', events), allow('Table', tableActions, [table.tableArn])];
}

/** Nobody can put an event in another's name. */
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
