import type { Fault } from '../fault.ts';
import { CHAT_FAULTS } from './chats.ts';
import { CLOCK_FAULTS } from './clocks.ts';
import { CROWD_FAULTS } from './crowd.ts';
import { PAGE_FAULTS } from './pages.ts';
import { SERVER_FAULTS } from './servers.ts';
import { STORAGE_FAULTS } from './storage.ts';

/** Faults of processes, machines and the services that GLIR depends on. */
export const PROCESS_FAULTS: readonly Fault[] = [
  ...SERVER_FAULTS,
  ...PAGE_FAULTS,
  ...CLOCK_FAULTS,
  ...STORAGE_FAULTS,
  ...CHAT_FAULTS,
  ...CROWD_FAULTS,
];
