import { planNames } from '@stepkube/shared/contracts/plans.ts';
import { usageAnswerSchema, usageErrorSchema } from '@stepkube/shared/contracts/usage-api.ts';
import { z } from 'zod';
import { allowed, mostDaysOnAPage } from './period.ts';

const day = { type: 'string', format: 'date' } as const;

/** The API as an OpenAPI 3.1 document; its schemas are the ones that the answers have their types from. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'stepkube metering',
    version: '1.0.0',
    description: `Usage of the object-detection service per Telegram user and UTC day. Plans: ${planNames.join(', ')}.`,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: 'http://metering.stepkube.svc.cluster.local' }],
  paths: {
    '/v1/usage/{user}': {
      get: {
        operationId: 'getUsage',
        summary: 'Usage of one user, by day',
        parameters: [
          {
            name: 'user',
            in: 'path',
            required: true,
            description: allowed.user,
            schema: { type: 'string', pattern: '^\\d{1,20}$' },
          },
          parameter('from', day, 'By default the first day of the current month'),
          parameter('to', day, 'Inclusive; by default the last day of the current month'),
          parameter('limit', { type: 'integer', minimum: 1, maximum: mostDaysOnAPage, default: mostDaysOnAPage }),
          parameter('nextToken', { type: 'string' }),
        ],
        responses: {
          200: json('The usage; a user without any has no days', 'Usage'),
          400: json('A parameter is wrong', 'Error'),
          405: json('Not a GET', 'Error'),
          503: json('The usage cannot be read now', 'Error'),
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This document',
        responses: {
          200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
        },
      },
    },
  },
  components: { schemas: { Usage: schemaOf(usageAnswerSchema), Error: schemaOf(usageErrorSchema) } },
};

function parameter(name: keyof typeof allowed, schema: object, note?: string) {
  return { name, in: 'query', required: false, description: [note, allowed[name]].filter(Boolean).join('. '), schema };
}

function json(description: string, schema: 'Usage' | 'Error') {
  return { description, content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

/** OpenAPI 3.1 takes JSON Schema as it is; only the dialect's name is said once for the document, by its version. */
function schemaOf(schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema);
  return rest;
}
