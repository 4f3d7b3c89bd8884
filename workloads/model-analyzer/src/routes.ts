import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { driftResponse, modelListResponse, modelResponse, problemResponse } from './responses.ts';

const day = z.iso.date('must be a day such as 2026-11-22').optional();

const periodParameters = z
  .strictObject({
    from: day.describe('First day, UTC; the oldest that is kept by default'),
    to: day.describe('Last day, UTC; today by default'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    error: 'must not be after `to`',
  });

const modelParameters = z.object({
  id: z
    .string()
    .describe(
      'As listed, percent-encoded: demo@v2#04f0e55c26f5 is demo%40v2%2304f0e55c26f5. `href` of a listed model has it.',
    ),
});

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemResponse } },
});
const unavailable = { 503: problem('The counts cannot be read now') };
const refusals = {
  ...unavailable,
  400: problem('A parameter is not what it should be'),
  404: problem('There is no such model'),
};

export const listModelsRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  operationId: 'listModels',
  summary: 'Every model that was seen, oldest first, with its verdict',
  responses: { 200: json('The models', modelListResponse), ...unavailable },
});

export const getModelRoute = createRoute({
  method: 'get',
  path: '/v1/models/{id}',
  operationId: 'getModel',
  summary: 'What a model found, how sure it was and how long it took',
  request: { params: modelParameters, query: periodParameters },
  responses: { 200: json('The model', modelResponse), ...refusals },
});

export const getDriftRoute = createRoute({
  method: 'get',
  path: '/v1/models/{id}/drift',
  operationId: 'getDrift',
  summary: 'How differently a model behaves from the version before it',
  request: { params: modelParameters },
  responses: { 200: json('The verdict and what it is based on', driftResponse), ...refusals },
});

export const documentConfig = {
  openapi: '3.1.0',
  info: {
    title: 'model-analyzer',
    version: '1.0.0',
    description:
      'How the models of the object-detection service behave: what they find, how sure they are, how long they take, and how each version differs from the one before. Holds nothing about users or their pictures. Counts are kept for a few days.',
  },
};
