import type { AlarmView, NotificationView } from '#local/contracts/views.ts';
import { clock } from './format.ts';

interface NeedsProps {
  readonly alarms: readonly AlarmView[];
  readonly notifications: readonly NotificationView[];
}

/** What needs a person: alarms that are on, and what the topic told last. Nothing is shown while all is well. */
export function NeedsPanel({ alarms, notifications }: NeedsProps) {
  if (alarms.length === 0 && notifications.length === 0) return null;
  return (
    <section class="card needs" aria-label="Needs you">
      <h2>
        Needs you <small>{alarms.length === 0 ? 'no alarm is on' : `${alarms.length} on`}</small>
      </h2>
      <ul class="alarms">
        {alarms.map(({ name, description }) => (
          <li key={name} data-alarm={name}>
            <i class="dot failed" />
            <b>{name}</b> {description}
          </li>
        ))}
      </ul>
      <ol class="notifications">
        {notifications.toReversed().map(({ sentAt, subject, text }) => (
          <li key={`${sentAt} ${subject}`} title={text}>
            <time datetime={sentAt}>{clock(sentAt)}</time> {subject}
          </li>
        ))}
      </ol>
    </section>
  );
}
