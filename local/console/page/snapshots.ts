import { signal } from '@preact/signals';
import type { Snapshot } from '../snapshot.ts';

export const snapshot = signal<Snapshot | undefined>(undefined);
export const connected = signal(false);
/** Milliseconds since 1970, updated every second: elapsed times are shown with it. */
export const now = signal(Date.now());

/** Keeps `snapshot` current. EventSource reconnects by itself. */
export function subscribe(): void {
  const source = new EventSource('/api/snapshots');
  source.onopen = () => {
    connected.value = true;
  };
  source.onmessage = (event) => {
    snapshot.value = JSON.parse(event.data);
    now.value = Date.now();
  };
  source.onerror = () => {
    connected.value = false;
  };
  setInterval(() => {
    now.value = Date.now();
  }, 1000);
}
