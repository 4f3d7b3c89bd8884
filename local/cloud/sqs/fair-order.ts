/**
 * Fair queues: while one group has many messages in flight, those of others come first.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
interface Grouped {
  readonly groupId: string | undefined;
}

/**
 * The next messages to deliver: each time the oldest one of the group with the fewest messages in flight. A message without a group
 * is nobody's neighbor. SQS documents no exact order; this is the one that it aims at.
 * @param visible oldest first
 */
export function takeFairly<Message extends Grouped>(
  visible: readonly Message[],
  inFlight: readonly Grouped[],
  limit: number,
): readonly Message[] {
  if (visible.every(({ groupId }) => groupId === undefined)) return visible.slice(0, limit);
  const load = new Map<string, number>();
  const loadOf = ({ groupId }: Grouped) => (groupId === undefined ? 0 : (load.get(groupId) ?? 0));
  const count = (message: Grouped) => {
    if (message.groupId !== undefined) load.set(message.groupId, loadOf(message) + 1);
  };
  for (const message of inFlight) count(message);
  const waiting = [...visible];
  const taken: Message[] = [];
  while (taken.length < limit && waiting.length > 0) {
    let next = 0;
    for (const [index, message] of waiting.entries()) if (loadOf(message) < loadOf(waiting[next]!)) next = index;
    const [message] = waiting.splice(next, 1);
    count(message!);
    taken.push(message!);
  }
  return taken;
}
