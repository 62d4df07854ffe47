import type { Plugin } from 'vite';

/**
 * Parts of mediasoup-client that no page can reach: another runtime's handler, its test helpers, and what compares video codecs,
 * of which our routers have none. They come in through its index and would be a fifth of the receiver's script.
 */
const UNREACHABLE =
  /mediasoup-client\/lib\/(handlers\/ReactNative106|handlers\/FakeHandler|test\/fakeParameters)\.js$|\/h264-profile-level-id\/lib\/index\.js$/;

/** Its log, which nobody reads in a patient's browser, and which reads localStorage. */
const DEBUG = /node_modules\/debug\/src\/browser\.js$/;

/** The same log inside teams-js, which exports it in a way of its own. */
const TEAMS_DEBUG = /@microsoft\/teams-js\/.*\/debug\/src\/browser\.js$/;
const SILENT_TEAMS_DEBUG = `
const off = Object.assign(() => off, { enabled: false, extend: () => off, formatArgs: () => undefined });
export const b = { debug: off };`;

/**
 * Here teams-js asks Microsoft for a newer list of hosts that may embed a page. Our pages ask nobody but their own server,
 * so they use the list inside teams-js.
 */
const TEAMS_HOSTS = /@microsoft\/teams-js\/.*\/validOrigins\.js$/;
const ASKS_FOR_HOSTS = /\bfetch\(\w+,\{signal:\w+\.signal\}\)/;

/** With it Vite loads what a dynamic import needs beside it, which is nothing. */
const PRELOAD_HELPER = '\0vite/preload-helper.js';

/** Replaces unreachable modules by empty ones, logs by ones that are always off, and teams-js's request by a failure. */
export function omitModules(): Plugin {
  return {
    name: 'glir:omit-modules',
    transform(code, id) {
      if (!TEAMS_HOSTS.test(id)) return null;
      if (!ASKS_FOR_HOSTS.test(code))
        throw new Error('teams-js asks for its hosts in another way. Adapt omitted-modules.ts.');
      return { code: code.replace(ASKS_FOR_HOSTS, "Promise.reject(new Error('not asked'))"), map: null };
    },
    load(id) {
      if (id === PRELOAD_HELPER) return 'export const __vitePreload = (load) => load();';
      if (UNREACHABLE.test(id)) return 'module.exports = {};';
      if (TEAMS_DEBUG.test(id)) return SILENT_TEAMS_DEBUG;
      return DEBUG.test(id) ? 'module.exports = () => Object.assign(() => undefined, { enabled: false });' : null;
    },
  };
}
