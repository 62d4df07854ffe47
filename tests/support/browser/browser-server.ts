/**
 * A Chromium that several test processes share, in a process of its own: every word between tests and pages goes through it,
 * which Vitest's main process has no time for. Tells its parent the address, and ends with it.
 */
import { chromium } from 'playwright-core';
import { HEADLESS_SHELL } from './browsers.ts';

const server = await chromium.launchServer(HEADLESS_SHELL);
process.once('disconnect', () => void server.close().then(() => process.exit()));
process.send?.(server.wsEndpoint());
