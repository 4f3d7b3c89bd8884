import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UsageAnswer } from '@stepkube/shared/contracts/usage-api.ts';
import { eventSchemas } from '@stepkube/shared/events/events.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import { type LedgerCloud, startLedgerCloud } from '#support/workloads/notification-log-cloud.ts';
import { post, runPolybot, telegramToken } from '#support/workloads/polybot-process.ts';
import { type ServiceProcess, stageService } from '#support/workloads/service-process.ts';
import { albumUpdates, commandUpdate, photoUpdate } from '#support/workloads/telegram-updates.ts';

const usage: UsageAnswer = {
  user: '42',
  from: '2026-11-01',
  to: '2026-11-30',
  countedFrom: '2026-11-08',
  totals: { pictures: 1, bytes: 1_234_567, inferenceMicroseconds: 2_500_000, failures: 2 },
  days: [],
  quota: { plan: 'free', picturesPerMonth: 500, remaining: 499 },
};
let answer = { status: 200, body: JSON.stringify(usage) };
const asked: (string | undefined)[] = [];
const metering = createServer((request, response) => {
  asked.push(request.url);
  response.writeHead(answer.status).end(answer.body);
});

let image: Awaited<ReturnType<typeof stageService>>;
let aws: FakeAws;
let telegram: FakeTelegram;
let ledger: LedgerCloud;
let service: ServiceProcess;
beforeAll(async () => {
  await new Promise<void>((resolve) => metering.listen(0, '127.0.0.1', resolve));
  [image, aws, telegram, ledger] = await Promise.all([
    stageService('polybot'),
    FakeAws.start(),
    FakeTelegram.start(),
    startLedgerCloud(),
  ]);
  service = runPolybot(
    image.folder,
    { aws, telegram, ledger },
    {
      METERING_URL: `http://127.0.0.1:${(metering.address() as AddressInfo).port}`,
      PICTURES_DAYS: '1',
      EVENTS_DAYS: '30',
    },
  );
  await service.logged('ready');
});
afterAll(async () => {
  for (const part of [service, telegram, aws, ledger, image]) await part[Symbol.asyncDispose]();
  metering.closeAllConnections();
  await new Promise((resolve) => metering.close(resolve));
});
beforeEach(() => {
  telegram.calls.length = 0;
  aws.events.length = 0;
  aws.refuseEvent = () => undefined;
  answer = { status: 200, body: JSON.stringify(usage) };
});

const said = async () => String((await telegram.nth('sendMessage')).fields['text']);

describe('/usage', () => {
  it('shows what metering has counted for who asks', async () => {
    expect(await post(service, commandUpdate('/usage'))).toBe(200);
    expect(asked.at(-1)).toBe('/v1/usage/42');
    expect((await said()).split('\n')).toEqual([
      'From 2026-11-08 to 2026-11-30:',
      '1 picture looked at, 2 that I could not look at',
      '1.2 MB, 2.5 s of computing',
      'Left this month: 499 of 500 pictures (plan free)',
    ]);
  });

  it.each([
    { name: 'fails', status: 503, body: '{"error":"planted"}' },
    { name: 'answers no usage', status: 200, body: '{}' },
    { name: 'answers no JSON', status: 200, body: 'planted' },
  ])('says so when metering $name', async ({ status, body }) => {
    answer = { status, body };
    expect(await post(service, commandUpdate('/usage'))).toBe(200);
    expect(await said()).toContain('I cannot look up your usage now');
    expect(service.output).not.toContain('/v1/usage');
  });

  it('says so when metering is away', async () => {
    await using alone = runPolybot(image.folder, { aws, telegram, ledger });
    expect(await post(alone, commandUpdate('/usage'))).toBe(200);
    expect(await said()).toContain('I cannot look up your usage now');
  });
});

describe('the quota', () => {
  it('is told when it is used up, once for an album, and nothing is looked at', async () => {
    await ledger.clear();
    telegram.files.set('large', Buffer.from('picture'));
    answer = { status: 200, body: JSON.stringify({ ...usage, quota: { ...usage.quota, remaining: 0 } }) };
    for (const update of albumUpdates(3)) expect(await post(service, update)).toBe(200);
    expect(await said()).toContain('You have used all 500 pictures of this month (plan free).');
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
    expect([aws.jobs.messages.length, aws.objects.size]).toEqual([0, 0]);
  });

  it('stops nobody while metering is away', async () => {
    await ledger.clear();
    telegram.files.set('large', Buffer.from('picture'));
    answer = { status: 503, body: '{}' };
    expect(await post(service, photoUpdate())).toBe(200);
    expect(aws.jobs.messages).toHaveLength(1);
  });
});

describe('/privacy', () => {
  it('tells what is kept and for how long', async () => {
    expect(await post(service, commandUpdate('/privacy'))).toBe(200);
    const text = await said();
    expect(text).toMatch(/Pictures: .* after 1 day\./);
    expect(text).toMatch(/Usage: .* for 30 days\./);
  });
});

describe('/forget', () => {
  const update = () => {
    const command = commandUpdate('/forget');
    return { ...command, message: { ...command.message, date: 1_795_341_600 } };
  };

  it('puts the wish on the bus, as of when it was said, and confirms it', async () => {
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

  it('is the same event when the message comes again after a restart', async () => {
    expect(await post(service, update())).toBe(200);
    await using other = runPolybot(image.folder, { aws, telegram, ledger });
    expect(await post(other, update())).toBe(200);
    expect(aws.events).toHaveLength(2);
    expect(aws.events[1]).toEqual(aws.events[0]);
  });

  it('promises nothing while the bus does not take it, and then keeps the promise', async () => {
    aws.refuseEvent = () => 'AccessDeniedException';
    const wish = update();
    expect(await post(service, wish)).toBe(503);
    expect(telegram.callsOf('sendMessage')).toHaveLength(0);
    aws.refuseEvent = () => undefined;
    expect(await post(service, wish)).toBe(200);
    expect(aws.events).toHaveLength(1);
    expect(await said()).toContain('I forget you');
  });
});
