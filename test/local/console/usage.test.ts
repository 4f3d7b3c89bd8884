import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readUsage } from '#local/console/usage.ts';

let metering: Server;
let requested: string[];
let status: number;

beforeEach(async () => {
  requested = [];
  status = 200;
  metering = createServer((request, response) => {
    requested.push(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"user":"7"}');
  });
  metering.listen(0, '127.0.0.1');
  await once(metering, 'listening');
});
afterEach(() => metering.close());

const url = () => `http://127.0.0.1:${(metering.address() as AddressInfo).port}`;

describe('readUsage', () => {
  it('readUsage returns the usage of a user from metering', async () => {
    const urlOf = (name: string) => (name === 'metering' ? url() : undefined);

    expect(await readUsage(urlOf, '7')).toEqual({ usage: { user: '7' } });
    expect(requested).toEqual(['/v1/usage/7']);
  });

  it('readUsage returns no usage while metering has no Service, no pod or responds with an error', async () => {
    status = 503;
    expect(await readUsage(() => url(), '7')).toEqual({ reportUrl: url() });
    expect(await readUsage(() => undefined, '7')).toEqual({});
    expect(await readUsage(() => 'http://127.0.0.1:1', '7')).toEqual({ reportUrl: 'http://127.0.0.1:1' });
  });
});
