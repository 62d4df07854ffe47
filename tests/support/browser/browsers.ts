import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, firefox } from 'playwright-core';

export type BrowserName = 'chromium' | 'firefox';

/** Chromium without its own errands on the network, and with WebRTC over loopback. */
export const CHROMIUM = {
  executablePath: process.env['GLIR_CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--allow-loopback-in-peer-connection',
  ],
};

/** Its headless shell: the same engine in a third of the time, because it has no windows of its own to draw. */
export const HEADLESS_SHELL = {
  ...CHROMIUM,
  executablePath: process.env['GLIR_HEADLESS_SHELL'] ?? CHROMIUM.executablePath,
};

/** Firefox with WebRTC over the addresses of this machine, and without a new process for each profile and site. */
const PREFERENCES = {
  'fission.autostart': false,
  'dom.ipc.processCount': 2,
  'dom.ipc.processPrelaunch.enabled': false,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.default_address_only': false,
};

const FIREFOX = fileURLToPath(new URL('./firefox-driver.ts', import.meta.url));

/** The browser that the tests of this process are for: `TEST_BROWSER` of the Vitest project, Chromium otherwise. */
export function browserUnderTest(): BrowserName {
  return process.env['TEST_BROWSER'] === 'firefox' ? 'firefox' : 'chromium';
}

/** A browser process of its own with a fresh profile. */
export function launchBrowser(name = browserUnderTest(), whichChromium = CHROMIUM): Promise<Browser> {
  if (name === 'firefox') {
    return firefox.launch({ channel: 'moz-firefox', executablePath: FIREFOX, firefoxUserPrefs: PREFERENCES });
  }
  return chromium.launch(whichChromium);
}
