import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';
import { eventSchemas } from '@stepkube/shared/events/events.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeAws } from '#support/workloads/fake-aws.ts';
import type { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import type { NotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import {
  post,
  type RunningPolybot,
  runPolybot,
  startPolybot,
  telegramToken,
} from '#support/workloads/polybot-process.ts';
import type { ServiceProcess } from '#support/workloads/service-process.ts';
import { albumUpdates, commandUpdate, photoUpdate } from '#support/workloads/telegram-updates.ts';

const usage: UsageResponse = {
  user: '42',
  from: '2026-11-01',
  to: '2026-11-30',
  countedFrom: '2026-11-08',
  totals: { pictures: 1, bytes: 1_234_567, inferenceMicroseconds: 2_500_000, failures: 2 },
  days: [],
};
let response = { status: 200, body: JSON.stringify(usage) };
const asked: (string | undefined)[] = [];
const metering = createServer((request, reply) => {
  asked.push(request.url);
  reply.writeHead(response.status).end(response.body);
});

let polybot: RunningPolybot;
let aws: FakeAws;
let telegram: FakeTelegram;
let notificationLog: NotificationLogCloud;
let service: ServiceProcess;
beforeAll(async () => {
  await new Promise<void>((resolve) => metering.listen(0, '127.0.0.1', resolve));
  polybot = await startPolybot({
    METERING_URL: `http://127.0.0.1:${(metering.address() as AddressInfo).port}`,
    PICTURES_DAYS: '1',
    EVENTS_DAYS: '30',
  });
  ({ aws, telegram, notificationLog, service } = polybot);
});
afterAll(async () => {
  await polybot[Symbol.asyncDispose]();
  metering.closeAllConnections();
  await new Promise((resolve) => metering.close(resolve));
});
beforeEach(async () => {
  await notificationLog.clear();
  telegram.calls.length = 0;
  aws.events.length = 0;
  aws.refuseEvent = () => undefined;
  response = { status: 200, body: JSON.stringify(usage) };
});

const said = async () => String((await telegram.nth('sendMessage')).fields['text']);

/** Of the current month. */
const sentNow = <Update extends { readonly message: object }>(update: Update) => ({
  ...update,
  message: { ...update.message, date: Math.floor(Date.now() / 1000) },
});

describe('command /usage', () => {
  it("/usage shows metering's figures for the sender, and what is left of the month's quota", async () => {
    telegram.files.set('large', Buffer.from('picture'));
    expect(await post(service, sentNow(photoUpdate()))).toBe(200);
    expect(await post(service, commandUpdate('/usage'))).toBe(200);
    expect(asked.at(-1)).toBe('/v1/usage/42');
    expect((await said()).split('\n')).toEqual([
      'From 2026-11-08 to 2026-11-30:',
      '1 picture looked at, 2 that I could not look at',
      '1.2 MB, 2.5 s of computing',
      'Left this month: 199 of 200 pictures (plan free)',
    ]);
  });

  it.each([
    { name: 'answers 503', status: 503, body: '{"error":"planted"}' },
    { name: 'answers JSON that is no usage', status: 200, body: '{}' },
    { name: 'answers text that is not JSON', status: 200, body: 'planted' },
  ])('/usage says that it is unavailable when metering $name', async ({ status, body }) => {
    response = { status, body };
    expect(await post(service, commandUpdate('/usage'))).toBe(200);
    expect(await said()).toContain('I cannot look up your usage now');
    expect(service.output).not.toContain('/v1/usage');
  });

  it('/usage says that it is unavailable when metering cannot be reached', async () => {
    await using alone = runPolybot(polybot.folder, { aws, telegram, notificationLog });
    expect(await post(alone, commandUpdate('/usage'))).toBe(200);
    expect(await said()).toContain('I cannot look up your usage now');
  });
});

describe('quota', () => {
  it('photos beyond the quota are refused without a job, with one message per album, also after /forget', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    const [first, ...others] = albumUpdates(4);
    expect(await post(service, first)).toBe(200);
    await notificationLog.fillMonth(200);
    expect(await post(service, commandUpdate('/forget'))).toBe(200);
    telegram.calls.length = 0;
    for (const update of others) expect(await post(service, update)).toBe(200);
    expect(await said()).toContain('You have used all 200 pictures of this month (plan free).');
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
    expect(await notificationLog.monthCounts()).toEqual([200]);
  });
});

describe('command /privacy', () => {
  it('/privacy states what is stored and for how many days', async () => {
    expect(await post(service, commandUpdate('/privacy'))).toBe(200);
    const text = await said();
    expect(text).toMatch(/Pictures: .* after 1 day\./);
    expect(text).toMatch(/Usage: .* for 30 days\./);
  });
});

describe('command /forget', () => {
  const update = () => {
    const command = commandUpdate('/forget');
    return { ...command, message: { ...command.message, date: 1_795_341_600 } };
  };

  it('/forget publishes UserForgotten with the time of the message, and confirms it', async () => {
    expect(await post(service, update())).toBe(200);
    expect(aws.events).toHaveLength(1);
    const { Source, DetailType, EventBusName, Detail } = aws.events[0]!;
    expect([Source, DetailType, EventBusName]).toEqual(['stepkube.polybot', 'UserForgotten', 'predictions']);
    expect(eventSchemas.UserForgotten.parse(JSON.parse(Detail))).toMatchObject({
      occurredAt: new Date(1_795_341_600_000).toISOString(),
      user: { id: '42' },
    });
    expect(Detail).not.toContain(telegramToken);
    expect(await said()).toContain('I forget you');
  });

  it('/forget publishes the same event when its message is delivered again after a restart', async () => {
    expect(await post(service, update())).toBe(200);
    await using other = runPolybot(polybot.folder, { aws, telegram, notificationLog });
    expect(await post(other, update())).toBe(200);
    expect(aws.events).toHaveLength(2);
    expect(aws.events[1]).toEqual(aws.events[0]);
  });

  it('/forget is answered with 503 and not confirmed until the bus accepts the event', async () => {
    aws.refuseEvent = () => 'AccessDeniedException';
    const command = update();
    expect(await post(service, command)).toBe(503);
    expect(telegram.callsOf('sendMessage')).toHaveLength(0);
    aws.refuseEvent = () => undefined;
    expect(await post(service, command)).toBe(200);
    expect(aws.events).toHaveLength(1);
    expect(await said()).toContain('I forget you');
  });
});
