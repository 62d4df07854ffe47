import type { Plugin } from 'vite';

/**
 * Parts of mediasoup-client that no page can reach: another runtime's handler and its test helpers. They come in
 * through its index and would be a fifth of the receiver's script.
 */
const UNREACHABLE = /mediasoup-client\/lib\/(handlers\/ReactNative106|handlers\/FakeHandler|test\/fakeParameters)\.js$/;

/** Replaces them by nothing at all. */
export function leaveOut(): Plugin {
  return { name: 'glir:leave-out', load: (id) => (UNREACHABLE.test(id) ? 'module.exports = {};' : null) };
}
