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

/** Who puts which events; roles and rules both hold to it. The schemas are in workloads/shared/events/events.ts. */
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
 * What each consumer gets of each event: this is what keeps users and what is on their pictures apart. One rule per
 * type, because a variable without a value leaves a template that is no JSON.
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

/** The bus of the events, their archive, and for each consumer only what it may know. */
export class PredictionEvents extends Construct {
  readonly bus: EventBus;
  readonly metering: EventConsumer;
  readonly modelAnalyzer: EventConsumer;

  constructor(scope: Construct, id: string, { config }: PredictionEventsProps) {
    super(scope, id);
    const { clusterName, retention } = config;
    const kept = Duration.days(retention.eventsDays);
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: `${clusterName}-predictions`,
      description: 'What was found on pictures, what was not, and who wants to be forgotten',
    });
    new Archive(this, 'Archive', {
      archiveName: `${clusterName}-predictions`,
      description: 'Rebuilds the consumers by a replay',
      sourceEventBus: this.bus,
      eventPattern: { source: Object.values(eventSources).map(({ source }) => source) },
      retention: kept,
    });
    this.metering = new EventConsumer(this, 'Metering', { config, name: 'metering' });
    this.modelAnalyzer = new EventConsumer(this, 'ModelAnalyzer', { config, name: 'model-analyzer' });

    // It gets whole events, so it is nobody's: neither consumer's role reads it.
    const undelivered = new Queue(this, 'Undelivered', {
      queueName: `${clusterName}-predictions-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(Math.min(retention.eventsDays, 14)),
    });
    acknowledge(undelivered, {
      SQS3: 'It is the dead-letter queue of the rules below, which the rule does not see.',
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
