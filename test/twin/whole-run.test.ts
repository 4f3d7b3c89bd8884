import { afterAll, beforeAll } from 'vitest';
import { describeBot } from './whole-run/bot.ts';
import { describeEnd } from './whole-run/end.ts';
import { describeFirstExecution, describeSecondExecution } from './whole-run/execution.ts';
import { describeChat, describeProvisioningOnPage } from './whole-run/page.ts';
import { WholeRun } from './whole-run/whole-run.ts';

const run = new WholeRun();
beforeAll(() => run.start());
afterAll(() => run.stop());

describeProvisioningOnPage(run);
describeFirstExecution(run);
describeChat(run);
describeBot(run);
describeSecondExecution(run);
describeEnd(run);
