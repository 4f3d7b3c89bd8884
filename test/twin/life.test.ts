import { afterAll, beforeAll } from 'vitest';
import { describeAnyDay } from './life/any-day.ts';
import { describeControlPlaneOff } from './life/control-plane-off.ts';
import { describeKilledWorker } from './life/killed-worker.ts';
import { Life } from './life/life.ts';
import { describeLoad } from './life/load.ts';
import { describeLostWorker } from './life/lost-worker.ts';
import { describePullSecret } from './life/pull-secret.ts';

const life = new Life();
beforeAll(() => life.start());
afterAll(() => life.stop());

describeLoad(life);
describeAnyDay(life);
describePullSecret(life);
describeControlPlaneOff(life);
describeKilledWorker(life);
describeLostWorker(life);
