import { readEnvironment, text } from '../shared/env.ts';
import { leaseRequest, releaseLease } from '../shared/lease.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({ LEASES_TABLE: text });

/** Ends a lease of this execution; that of another stays. Calls dynamodb:DeleteItem. */
export const handler = task(
  leaseRequest,
  async (request, { signal }): Promise<{ released: boolean }> => ({
    released: await releaseLease(environment.LEASES_TABLE, request, signal),
  }),
);
