import { render } from 'preact';
import type { About } from '../snapshot.ts';
import { Clock } from './actions.tsx';
import { ChatPanel } from './chat.tsx';
import { ExecutionPanel } from './execution.tsx';
import { InfrastructurePanel } from './infrastructure.tsx';
import { NeedsPanel } from './needs.tsx';
import { connected, snapshot, subscribe } from './snapshots.ts';
import { UsagePanel } from './usage.tsx';

function App() {
  const current = snapshot.value;
  if (current === undefined) return <p class="loading">Waiting for the twin …</p>;
  return (
    <>
      <Header about={current.about} />
      <main>
        <ChatPanel chat={current.chat} samples={current.about.samples} ready={isServing()} />
        <div class="side">
          <NeedsPanel alarms={current.alarms} notifications={current.notifications} />
          <ExecutionPanel executions={current.executions} />
          <InfrastructurePanel snapshot={current} />
          <UsagePanel snapshot={current} />
        </div>
      </main>
    </>
  );
}

function Header({ about }: { about: About }) {
  return (
    <header>
      <h1>
        <span class="mark" aria-hidden="true" />
        stepkube
      </h1>
      <p class="facts">
        cluster <b>{about.clusterName}</b> · {about.region} · {about.model} · <Clock time={about.time} />
      </p>
      <p class="simulated" title={`Simulated waiting runs ${about.timeScale} times faster than real time`}>
        local twin: AWS, Telegram and third-party images are simulated; the project's code is real
      </p>
      {!connected.value && <p class="offline">not connected</p>}
    </header>
  );
}

function isServing(): boolean {
  return snapshot.value?.pods.some((pod) => pod.name.startsWith('polybot') && pod.ready) ?? false;
}

subscribe();
render(<App />, document.getElementById('app')!);
