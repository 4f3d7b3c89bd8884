import { Duration } from 'aws-cdk-lib';
import { Archive, EventBus, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { acknowledge } from '../lib/nag.ts';
import { EventConsumer } from './event-consumer.ts';

export interface PredictionEventsProps {
  readonly config: ClusterConfig;
}

/** Which service puts which events: roles and rules both follow it. Schemas: workloads/shared/events/events.ts. */
export const eventSources = {
  yolo5: { source: 'stepkube.yolo5', types: ['PredictionCompleted', 'PredictionFailed'] },
  polybot: { source: 'stepkube.polybot', types: ['UserForgotten'] },
} as const;

type EventType = (typeof eventSources)[keyof typeof eventSources]['types'][number];
/** Field of the message -> path in the event's detail. */
type Fields = Readonly<Record<string, string>>;

const base: Fields = { schemaVersion: 'schemaVersion', eventId: 'eventId', occurredAt: 'occurredAt' };
const who: Fields = { ...base, userId: 'user.id' };
const what: Fields = { ...base, model: 'model' };

/**
 * The fields of each event that each consumer gets: metering the users, model-analyzer the contents of pictures, neither
 * both. One rule per type, because an input template whose variable has no value does not render to JSON.
 */
const metering: Readonly<Record<EventType, Fields>> = {
  PredictionCompleted: { ...who, bytes: 'picture.bytes', inferenceMicroseconds: 'inferenceMicroseconds' },
  PredictionFailed: { ...who, bytes: 'picture.bytes', reason: 'reason' },
  UserForgotten: who,
};
const modelAnalyzer: Readonly<Partial<Record<EventType, Fields>>> = {
  PredictionCompleted: { ...what, inferenceMicroseconds: 'inferenceMicroseconds', detections: 'detections' },
  PredictionFailed: { ...what, reason: 'reason' },
};

/** The event bus, its archive, and the rules that deliver to each consumer only the fields that it may know. */
export class PredictionEvents extends Construct {
  readonly bus: EventBus;
  readonly metering: EventConsumer;
  readonly modelAnalyzer: EventConsumer;

  constructor(scope: Construct, id: string, { config }: PredictionEventsProps) {
    super(scope, id);
    const { clusterName, retention } = config;
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: `${clusterName}-predictions`,
      description: 'Predictions, failed predictions, and users who asked to be forgotten',
    });
    new Archive(this, 'Archive', {
      archiveName: `${clusterName}-predictions`,
      description: 'Replays rebuild the consumers',
      sourceEventBus: this.bus,
      eventPattern: { source: Object.values(eventSources).map(({ source }) => source) },
      retention: Duration.days(retention.eventsDays),
    });
    this.metering = new EventConsumer(this, 'Metering', { config, name: 'metering' });
    this.modelAnalyzer = new EventConsumer(this, 'ModelAnalyzer', { config, name: 'model-analyzer' });

    // It gets whole events, so neither consumer's role may read it.
    const undelivered = new Queue(this, 'Undelivered', {
      queueName: `${clusterName}-predictions-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(Math.min(retention.eventsDays, 14)),
    });
    acknowledge(undelivered, {
      SQS3: 'It is itself the dead-letter queue of the rules below.',
    });

    const deliver = (name: string, consumer: EventConsumer, shapes: Readonly<Partial<Record<EventType, Fields>>>) => {
      for (const [type, fields] of Object.entries(shapes)) {
        new Rule(this, `${type}To${consumer.node.id}`, {
          // 64 characters are allowed, and the cluster's name may have 30.
          ruleName: `${clusterName}-${name}-${kebab(type.replace(/^Prediction/, ''))}`,
          description: `${type} for ${name}: ${Object.keys(fields).join(', ')}`,
          eventBus: this.bus,
          eventPattern: { source: [sourceOf(type)], detailType: [type], detail: { schemaVersion: [1] } },
          targets: [
            new SqsQueue(consumer.events.queue, {
              message: RuleTargetInput.fromObject({ type, ...pathsOf(fields) }),
              deadLetterQueue: undelivered,
              retryAttempts: 185,
              maxEventAge: Duration.hours(24),
            }),
          ],
        });
      }
    };
    deliver('metering', this.metering, metering);
    deliver('model-analyzer', this.modelAnalyzer, modelAnalyzer);
  }
}

function pathsOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, path]) => [field, EventField.fromPath(`$.detail.${path}`)]),
  );
}

function sourceOf(type: string): string {
  return Object.values(eventSources).find(({ types }) => (types as readonly string[]).includes(type))!.source;
}

/** UserForgotten -> user-forgotten */
function kebab(type: string): string {
  return type.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
