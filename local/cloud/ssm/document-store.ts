import { z } from 'zod';
import type { SsmDocumentContent } from '#local/contracts/instance.ts';
import { physicalName } from '../physical-name.ts';
import { jsonDocument, provider, type ResourceProvider } from '../resource.ts';
import { ServiceError } from '../service-error.ts';

export interface Document {
  readonly name: string;
  readonly content: SsmDocumentContent;
}

export class DocumentStore {
  readonly #documents = new Map<string, Document>();

  add(document: Document): void {
    this.#documents.set(document.name, document);
  }

  /** @throws ServiceError InvalidDocument */
  required(nameOrArn: string): Document {
    const name = nameOrArn.split('/').at(-1)!;
    const document = this.#documents.get(name);
    if (document === undefined) throw new ServiceError('InvalidDocument', `Document with name ${name} does not exist.`);
    return document;
  }
}

const parameterSchema = z.object({
  type: z.literal('String', { error: 'only String parameters are used here' }),
  description: z.string().exactOptional(),
  default: z.string().exactOptional(),
  allowedPattern: z.string().exactOptional(),
  interpolationType: z.literal('ENV_VAR').exactOptional(),
});
const stepSchema = z.object({
  action: z.literal('aws:runShellScript'),
  name: z.string(),
  inputs: z.object({
    runCommand: z.array(z.string()),
    timeoutSeconds: z.union([z.string(), z.number()]).exactOptional(),
  }),
});
/** https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html */
const contentSchema = z.object({
  schemaVersion: z.literal('2.2', { error: 'only schema version 2.2 can run here' }),
  parameters: z.record(z.string(), parameterSchema).exactOptional(),
  mainSteps: z.tuple([stepSchema], { error: 'only documents with one aws:runShellScript step can run here' }),
});
const documentProperties = z.object({
  Name: z.string().optional(),
  Content: jsonDocument(contentSchema),
});

export function documentProvider(stackName: string, store: DocumentStore): ResourceProvider {
  return provider('AWS::SSM::Document', documentProperties, ({ logicalId, properties: { Name, Content } }) => {
    const name = Name ?? physicalName(stackName, logicalId);
    store.add({ name, content: Content });
    return { ref: name };
  });
}

export type ParameterValues = Readonly<Record<string, readonly string[]>>;

/**
 * A command's parameters, with the document's defaults.
 * @throws ServiceError InvalidParameters for an unknown or missing parameter, and for a value that is not allowed
 */
export function commandParameters({ content }: Document, given: ParameterValues): ParameterValues {
  const declared = content.parameters ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) {
    throw new ServiceError('InvalidParameters', `document does not support parameters: ${unknown.join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(declared).map(([name, { default: defaultValue, allowedPattern }]) => {
      const values = given[name] ?? (defaultValue === undefined ? undefined : [defaultValue]);
      if (values === undefined) throw new ServiceError('InvalidParameters', `Parameter "${name}" requires a value.`);
      if (values.length !== 1) {
        const message = `Parameter "${name}" is of type String: it takes one value, not ${values.length}.`;
        throw new ServiceError('InvalidParameters', message);
      }
      if (allowedPattern !== undefined && !values.every((text) => new RegExp(`^(?:${allowedPattern})$`).test(text))) {
        const message = `Parameter value for ${name} does not match the allowed pattern ${allowedPattern}.`;
        throw new ServiceError('InvalidParameters', message);
      }
      return [name, values];
    }),
  );
}
