import type { Fault } from './faults/fault.ts';
import { faultsOfTheMachine } from './faults/machine.ts';
import { faultsOfMessages } from './faults/messages.ts';
import { faultsOfProcesses } from './faults/processes.ts';
import { faultsOfServers } from './faults/servers.ts';
import { faultsOfSubscribers } from './faults/subscribers.ts';

/** All of them, by number. */
export const faults: readonly Fault[] = [
  ...faultsOfProcesses,
  ...faultsOfServers,
  ...faultsOfTheMachine,
  ...faultsOfMessages,
  ...faultsOfSubscribers,
].sort((a, b) => a.number - b.number);
