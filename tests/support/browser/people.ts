import type { BrowserContext, Locator, Page } from 'playwright-core';
import { composeLinkFor } from '../server/chat-command.ts';

/** What the doctor ticks where it is not what is ticked already. */
const CHOICES: Readonly<Record<string, string>> = { link: 'The link is enough', pin: 'A PIN lets readers in' };

/** What a doctor does, in the order they do it, by the names on the screen. */
export class Doctor {
  readonly #context: BrowserContext;
  readonly #url: string;
  #composer: Page | null = null;

  constructor(context: BrowserContext, url: string) {
    this.#context = context;
    this.#url = url;
  }

  /** The tab in which the note lives. */
  get composer(): Page {
    if (this.#composer === null) throw new Error('the doctor has not opened the composer yet');
    return this.#composer;
  }

  get note(): Locator {
    return this.composer.getByRole('textbox', { name: 'Note', exact: true });
  }

  /** Sends a command in the local chat, without a tab for it; gives the compose link of the answer. */
  asks(command: string): Promise<string> {
    return composeLinkFor(this.#url, command);
  }

  /** Types a command on the page of the local chat; gives the compose link of the answer. */
  async types(command: string): Promise<string> {
    const chat = await this.#context.newPage();
    await chat.goto(this.#url);
    await chat.getByRole('textbox', { name: 'Message' }).fill(command);
    await chat.keyboard.press('Enter');
    const link = await chat.getByRole('link', { name: 'Write the note' }).last().getAttribute('href');
    if (link === null) throw new Error('the answer has no link');
    await chat.close();
    return link;
  }

  /** Opens a compose link in a new tab. */
  async opens(composeLink: string): Promise<Page> {
    this.#composer = await this.#context.newPage();
    await this.#composer.goto(composeLink);
    return this.#composer;
  }

  /** From `/glir` to the note link. */
  async shares(
    note: string,
    { admission = 'ask', command = '/glir', pin }: { admission?: string; command?: string; pin?: string } = {},
  ): Promise<string> {
    await this.opens(await this.asks(command));
    await this.note.fill(note);
    const choice = CHOICES[admission];
    if (choice !== undefined) await this.composer.getByRole('radio', { name: choice }).check();
    if (pin !== undefined) await this.composer.getByRole('textbox', { name: 'PIN', exact: true }).fill(pin);
    await this.composer.getByRole('button', { name: 'Share' }).click();
    return this.composer.getByRole('textbox', { name: 'Note link' }).inputValue();
  }

  /** Adds files to the note, as the picker of "Add files" gives them. */
  async adds(...files: { name: string; content: Uint8Array | string; type?: string }[]): Promise<void> {
    const chosen = files.map(({ name, content, type = '' }) => {
      return { name, mimeType: type, buffer: Buffer.from(content) };
    });
    const picking = this.composer.waitForEvent('filechooser');
    await this.composer.getByRole('button', { name: 'Add files' }).click();
    await (await picking).setFiles(chosen);
  }

  /** A file's row in the composer. */
  file(name: string): Locator {
    return this.composer.getByRole('list', { name: 'Files' }).getByRole('listitem').filter({ hasText: name });
  }

  /** Admits the reader who waits; with several, the first in the list. */
  async admits(): Promise<void> {
    await this.composer.getByRole('button', { name: 'Admit' }).first().click();
  }

  async refuses(): Promise<void> {
    await this.composer.getByRole('button', { name: 'Refuse' }).first().click();
  }

  /** Presses "Destroy now", and again when asked. */
  async destroys(): Promise<void> {
    const destroy = this.composer.getByRole('button', { name: 'Destroy now' });
    const asked = this.composer.getByRole('button', { name: 'Keep it open' });
    const over = this.composer.getByRole('heading', { name: 'The note is gone' });
    await destroy.click();
    await asked.or(over).first().waitFor();
    if (await asked.isVisible()) await destroy.click();
    await over.waitFor();
  }
}

/** What a patient does. */
export class Patient {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get note(): Locator {
    return this.page.getByRole('region', { name: 'Note', exact: true });
  }

  async follows(noteLink: string): Promise<void> {
    await this.page.goto(noteLink);
  }

  async opens(): Promise<void> {
    await this.page.getByRole('button', { name: 'Open the note' }).click();
  }

  get pin(): Locator {
    return this.page.getByRole('textbox', { name: 'PIN', exact: true });
  }

  /** Types a PIN and opens the note with it. */
  async triesPin(pin: string): Promise<void> {
    await this.pin.fill(pin);
    await this.opens();
  }

  /** The note as it stands on the page, to the letter. */
  async reads(): Promise<string> {
    await this.note.waitFor();
    return (await this.note.textContent()) ?? '';
  }

  /** A file's row in the list "Files". */
  file(name: string): Locator {
    return this.page.getByRole('list', { name: 'Files' }).getByRole('listitem').filter({ hasText: name });
  }

  /** Opens a file in the page, once it is there; gives its row. */
  async opensFile(name: string): Promise<Locator> {
    await this.file(name).getByRole('button', { name: 'Open', exact: true }).click();
    return this.file(name);
  }

  /** Waits for a heading. */
  async sees(heading: string): Promise<void> {
    await this.page.getByRole('heading', { name: heading }).waitFor();
  }

  /** Everything in the page, attributes included. */
  everything(): Promise<string> {
    return this.page.content();
  }
}
