import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Snapshot } from '../snapshot.ts';
import type { UsageView } from '../usage.ts';

/** Usage is counted shortly after the bot's answer: it is read once there has been no new snapshot for this time. */
const quietMilliseconds = 400;

/** The person's usage of this month, day by day, and a link to model-analyzer's report. */
export function UsagePanel({ snapshot }: { readonly snapshot: Snapshot }) {
  const view = useSignal<UsageView>({});
  useEffect(() => {
    const timer = setTimeout(async () => {
      const response = await fetch('/api/usage').catch(() => undefined);
      if (response?.ok) view.value = await response.json();
    }, quietMilliseconds);
    return () => clearTimeout(timer);
  }, [snapshot]);

  const { usage, reportUrl } = view.value;
  return (
    <section class="card usage" aria-label="Usage">
      <h2>
        Usage
        <small>{usage ? '' : 'waiting for metering'}</small>
      </h2>
      {usage && (
        <p>
          <b>{usage.totals.pictures}</b> {usage.totals.pictures === 1 ? 'picture' : 'pictures'} this month
        </p>
      )}
      {usage && usage.days.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Day</th>
              <th>Pictures</th>
              <th>Failed</th>
              <th>Bytes</th>
              <th>In the model</th>
            </tr>
          </thead>
          <tbody>
            {usage.days.toReversed().map(({ day, pictures, failures, bytes, inferenceMicroseconds }) => (
              <tr key={day}>
                <td>{day}</td>
                <td>{pictures}</td>
                <td>{failures}</td>
                <td>{(bytes / 1e6).toFixed(2)} MB</td>
                <td>{(inferenceMicroseconds / 1000).toFixed(0)} ms</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {reportUrl && (
        <p>
          <a href={reportUrl} target="_blank" rel="noreferrer">
            Report on the models
          </a>
        </p>
      )}
    </section>
  );
}
