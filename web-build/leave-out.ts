import type { Plugin } from 'vite';

/**
 * Parts of mediasoup-client that no page can reach: another runtime's handler and its test helpers. They come in
 * through its index and would be a fifth of the receiver's script.
 */
const UNREACHABLE = /mediasoup-client\/lib\/(handlers\/ReactNative106|handlers\/FakeHandler|test\/fakeParameters)\.js$/;

/** Its log, which nobody reads in a patient's browser, and which looks into localStorage first. */
const DEBUG = /node_modules\/debug\/src\/browser\.js$/;

/** Replaces the former by nothing at all, the latter by a log that is always off. */
export function leaveOut(): Plugin {
  return {
    name: 'glir:leave-out',
    load(id) {
      if (UNREACHABLE.test(id)) return 'module.exports = {};';
      return DEBUG.test(id) ? 'module.exports = () => Object.assign(() => undefined, { enabled: false });' : null;
    },
  };
}
