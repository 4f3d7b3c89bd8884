import { z } from 'zod';
import { driftAnswer, modelAnswer, modelListAnswer, problemAnswer } from './answers.ts';

const schemas = { ModelList: modelListAnswer, Model: modelAnswer, Drift: driftAnswer, Problem: problemAnswer };
type SchemaName = keyof typeof schemas;

const modelId = {
  name: 'id',
  in: 'path',
  required: true,
  description:
    'As listed, percent-encoded: demo@v2#04f0e55c26f5 is demo%40v2%2304f0e55c26f5. `href` of a listed model has it.',
  schema: { type: 'string' },
};
const dayParameter = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string', format: 'date' },
});
const unavailable = { 503: answer('Problem', 'The counts cannot be read now', 'application/problem+json') };
const refusals = {
  ...unavailable,
  400: answer('Problem', 'A parameter is not what it should be', 'application/problem+json'),
  404: answer('Problem', 'There is no such model', 'application/problem+json'),
};

/** OpenAPI 3.1 document of the HTTP API, made of the schemas that type the answers. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'model-analyzer',
    version: '1.0.0',
    description:
      'How the models of the object-detection service behave: what they find, how sure they are, how long they take, and how each version differs from the one before. Holds nothing about users or their pictures. Counts are kept for a few days.',
  },
  paths: {
    '/v1/models': {
      get: {
        operationId: 'listModels',
        summary: 'Every model that was seen, oldest first, with its verdict',
        responses: { 200: answer('ModelList', 'The models'), ...unavailable },
      },
    },
    '/v1/models/{id}': {
      get: {
        operationId: 'getModel',
        summary: 'What a model found, how sure it was and how long it took',
        parameters: [
          modelId,
          dayParameter('from', 'First day, UTC; the oldest that is kept by default'),
          dayParameter('to', 'Last day, UTC; today by default'),
        ],
        responses: { 200: answer('Model', 'The model'), ...refusals },
      },
    },
    '/v1/models/{id}/drift': {
      get: {
        operationId: 'getDrift',
        summary: 'How differently a model behaves from the version before it',
        parameters: [modelId],
        responses: { 200: answer('Drift', 'The verdict and what it is based on'), ...refusals },
      },
    },
  },
  components: {
    schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
  },
};

function answer(schema: SchemaName, description: string, mediaType = 'application/json') {
  return { description, content: { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

/** OpenAPI 3.1 takes JSON Schema as it is; the dialect is said once, by the document's version. */
function jsonSchemaOf(schema: z.ZodType) {
  const { $schema: _dialect, ...jsonSchema } = z.toJSONSchema(schema);
  return jsonSchema;
}
