import type { SsmDocumentContent } from '#local/contracts/instance.ts';
import { type ResourceProvider, ServiceError, type TemplateResource } from '../service.ts';

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

export function documentProvider(store: DocumentStore): ResourceProvider {
  return { type: 'AWS::SSM::Document', create: (resource) => createDocument(store, resource) };
}

function createDocument(store: DocumentStore, { logicalId, properties }: TemplateResource) {
  const content: SsmDocumentContent =
    typeof properties.Content === 'string' ? JSON.parse(properties.Content) : properties.Content;
  if (content.schemaVersion !== '2.2' || content.mainSteps.length !== 1) {
    throw new Error(`${logicalId}.Content: only schema 2.2 with one aws:runShellScript step can run here`);
  }
  const name: string = properties.Name ?? logicalId;
  store.add({ name, content });
  return { ref: name };
}

/**
 * A command's parameters with the document's defaults.
 * @throws ServiceError InvalidParameters for what the document does not know, lacks, or does not allow
 */
export function commandParameters({ content }: Document, given: unknown): Record<string, readonly string[]> {
  const declared = content.parameters ?? {};
  const values = (given ?? {}) as Record<string, readonly string[]>;
  const unknown = Object.keys(values).filter((name) => !(name in declared));
  if (unknown.length > 0) {
    throw new ServiceError('InvalidParameters', `document does not support parameters: ${unknown.join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(declared).map(([name, { default: fallback, allowedPattern }]) => {
      const value = values[name] ?? (fallback === undefined ? undefined : [fallback]);
      if (value === undefined) throw new ServiceError('InvalidParameters', `Parameter "${name}" requires a value.`);
      if (allowedPattern !== undefined && !value.every((text) => new RegExp(`^(?:${allowedPattern})$`).test(text))) {
        const message = `Parameter value for ${name} does not match the allowed pattern ${allowedPattern}.`;
        throw new ServiceError('InvalidParameters', message);
      }
      return [name, value];
    }),
  );
}
