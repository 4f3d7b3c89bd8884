import { expect } from 'vitest';
import type { Twin } from '#local/twin.ts';
import { queueDepth } from './twin.ts';

const oneMinute = 60_000;

/** @returns the ids of the messages */
export async function sendPhotos(twin: Twin, count: number, bytes: Buffer): Promise<number[]> {
  const photos = Array.from({ length: count }, (_, n) => ({ name: `${n}.jpg`, mimeType: 'image/jpeg', bytes }));
  return (await twin.telegram.person.sendFiles(photos)).map(({ id }) => id);
}

export const answersTo = (twin: Twin, sent: readonly number[]) =>
  twin.telegram.chat.messages.filter(({ from, replyTo }) => from === 'bot' && sent.includes(replyTo ?? 0));

/** Each with an annotated picture. What would come twice comes by the time that the queues are empty. */
export async function expectAnsweredOnce(twin: Twin, sent: readonly number[]): Promise<void> {
  const { chat } = twin.telegram;
  const deadline = AbortSignal.timeout(oneMinute);
  await Promise.all(sent.map((id) => chat.answerTo(id, deadline)));
  for (const queue of ['jobs', 'results'])
    await expect.poll(() => queueDepth(twin, queue), { timeout: oneMinute, message: queue }).toBe(0);
  const answers = answersTo(twin, sent);
  expect(answers.map(({ replyTo }) => replyTo).sort()).toEqual([...sent].sort());
  for (const { file } of answers) expect(file?.mimeType).toBe('image/jpeg');
}
