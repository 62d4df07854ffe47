import { type Browser, chromium } from 'playwright-core';

/** Chromium without its own errands on the network, and with WebRTC over loopback. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-loopback-in-peer-connection',
];

/** A Chromium process of its own with a fresh profile. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['GLIR_CHROMIUM'] ?? '/usr/bin/chromium', args: ARGS });
}
