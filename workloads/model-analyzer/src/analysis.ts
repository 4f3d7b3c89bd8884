import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type AppendOutcome, EventStore } from '@stepkube/shared/events/event-store.ts';
import { type AnalysisEvent, analysisEvent } from '@stepkube/shared/events/events.ts';
import { countersOf, isConfidence } from './counters.ts';
import { ModelRegistry } from './model-registry.ts';
import { inOrder, type Model, modelIdOf } from './models.ts';

/** Everything that this service stores: events by model, their daily sums, and the registry of models. */
export class Analysis {
  readonly store: EventStore<AnalysisEvent>;
  readonly #registry: ModelRegistry;

  constructor(options: {
    readonly dynamoDb: DynamoDBDocumentClient;
    readonly table: string;
    readonly retentionDays: number;
    /** Unix milliseconds. @default Date.now */
    readonly now?: () => number;
  }) {
    this.#registry = new ModelRegistry(options);
    this.store = new EventStore({
      ...options,
      schema: analysisEvent,
      partitionOf: ({ model }) => partitionOf(modelIdOf(model)),
      countersOf,
      isCompared: (name) => !isConfidence(name),
    });
  }

  /** Counts an event and registers its model. Idempotent: each step can be repeated after an interruption. */
  async record(event: AnalysisEvent, abortSignal: AbortSignal): Promise<AppendOutcome> {
    const outcome = await this.store.append(event, abortSignal);
    if (outcome !== 'expired') await this.#registry.register(event, abortSignal);
    return outcome;
  }

  /** Every model with days that have not expired, oldest first. */
  async models(): Promise<readonly Model[]> {
    const registered = await this.#registry.all();
    const models = await Promise.all(
      registered.map(async (model) => ({ ...model, days: await this.store.projectionsOf(partitionOf(model.id)) })),
    );
    return inOrder(models.filter(({ days }) => days.length > 0));
  }
}

const partitionOf = (modelId: string) => `model#${modelId}`;
