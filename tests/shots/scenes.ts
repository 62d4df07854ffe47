/** Every picture that there is of a page: a state of the gallery, and what a person does in it. */
import type { Page } from 'playwright-core';
import { composerStates } from './gallery/composer-states.ts';
import { plainStates } from './gallery/plain-states.ts';
import { receiverStates } from './gallery/receiver-states.ts';
import type { PageName } from './gallery-server.ts';

export interface Scene {
  page: PageName;
  name: string;
  /** States of the gallery, one after the other. */
  state: string;
  act?: (page: Page) => Promise<void>;
}

/** What the page calls `key` in its own language. */
async function word(page: Page, key: string): Promise<string> {
  const served = await page.locator('#strings').textContent();
  return JSON.parse(served ?? '').strings[key];
}

/** Presses the button whose name is, or ends in, the word with this key, `times` times. */
const press =
  (key: string, times = 1) =>
  async (page: Page) => {
    const button = page.getByRole('button', { name: await word(page, key) });
    for (let time = 0; time < times; time += 1) await button.click();
  };
/** Drops a file as a browser does: with its text at hand. */
const drop = (text: string) => (page: Page) =>
  page.locator('textarea').evaluate((area, json) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData('text/plain', json);
    area.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, text);
const type =
  (...texts: string[]) =>
  async (page: Page) => {
    for (const text of texts) {
      await page.getByRole('textbox', { name: 'Message' }).fill(text);
      await page.keyboard.press('Enter');
    }
  };

export const scenes: readonly Scene[] = [
  ...Object.keys(receiverStates).map((state): Scene => ({ page: 'receiver', name: state, state })),
  { page: 'receiver', name: 'reading-changed', state: 'reading,reading-corrected' },
  { page: 'receiver', name: 'reading-changing', state: 'reading,reading-editing' },
  { page: 'receiver', name: 'reading-given-time', state: 'reading,reading-more-time' },
  { page: 'receiver', name: 'reading-plan-changed', state: 'reading-medicines,reading-medicines-corrected' },
  { page: 'receiver', name: 'reading-asking', state: 'reading', act: press('point.start') },
  { page: 'receiver', name: 'reading-largest', state: 'reading-medicines', act: press('textSize.larger', 2) },
  ...Object.keys(composerStates).map((state): Scene => ({ page: 'composer', name: state, state })),
  {
    page: 'composer',
    name: 'open-send',
    state: 'open',
    act: (page) => page.locator('.send-link > summary').click(),
  },
  {
    page: 'composer',
    name: 'open-another',
    state: 'open-another',
    act: (page) => page.locator('.send-another > summary').click(),
  },
  { page: 'composer', name: 'open-naming', state: 'open-waiting', act: press('reader.name') },
  {
    page: 'composer',
    name: 'writing-more',
    state: 'writing-choices',
    act: async (page) => {
      for (const summary of await page.locator('summary').filter({ visible: true }).all()) await summary.click();
    },
  },
  { page: 'composer', name: 'writing-offer', state: 'writing-filled', act: drop('{ "resourceType": "Bundle" }') },
  { page: 'composer', name: 'open-qr', state: 'open', act: press('showQr') },
  { page: 'composer', name: 'open-destroy', state: 'open-readers', act: press('destroy') },
  ...Object.keys(plainStates).map((state): Scene => ({ page: 'plain', name: state, state })),
  { page: 'chat', name: 'hello', state: '' },
  { page: 'chat', name: 'compose', state: '', act: type('/glir') },
  { page: 'chat', name: 'list', state: '', act: type('/glir list', '/glir revoke all') },
  { page: 'chat', name: 'help', state: '', act: type('/glir help', '/glir revoke nothing', '/glir 3d') },
  { page: 'chat', name: 'do-not-type', state: '', act: type('Ramipril 5 mg, one in the morning') },
];
