import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Playground } from './playground.ts';

/** What a doctor does in Teams, by the names on the Playground's screen. */
export class TeamsDoctor {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens the personal chat with GLIR; the Playground tells GLIR that it was just installed, each time. */
  static async at(playground: Playground, context: BrowserContext): Promise<TeamsDoctor> {
    const page = await context.newPage();
    // The page would fetch its fonts from Microsoft.
    await page.route(
      ({ hostname }) => hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    await page.goto(playground.url);
    await page.getByRole('treeitem', { name: 'Personal Chat' }).waitFor();
    return new TeamsDoctor(page);
  }

  /** The newest card in the conversation. */
  get card(): Locator {
    return this.page.locator('#root .ac-adaptiveCard').last();
  }

  get cards(): Locator {
    return this.page.locator('#root .ac-adaptiveCard');
  }

  /** The dialog of the message extension. */
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Writes a message. */
  async says(text: string): Promise<void> {
    await this.page.getByRole('textbox').first().fill(text);
    await this.page.getByRole('button', { name: 'Send Message' }).click();
  }

  /** Picks `/glir` where messages are written; gives the dialog that GLIR answers with. */
  async opensForm(): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Trigger Message Extension App' }).click();
    await this.page.getByRole('menuitem', { name: 'Action Command' }).click();
    await this.dialog.getByRole('textbox', { name: 'Command ID' }).fill('glir');
    await this.dialog.getByRole('button', { name: 'Create' }).click();
    await this.dialog.locator('.ac-adaptiveCard').waitFor();
    return this.dialog;
  }

  /** Presses a button of a card, or of the newest one. */
  async presses(name: string, on: Locator = this.card): Promise<void> {
    await on.getByRole('button', { name, exact: true }).click();
  }

  /** Presses the first "Revoke" of the latest card, and then the one in the question that this brings. */
  async revokes(): Promise<void> {
    const revoke = { name: 'Revoke', exact: true };
    await this.card.getByRole('button', revoke).first().click();
    const keep = this.page.getByRole('button', { name: 'Keep it open', exact: true });
    await this.card.locator('.ac-container', { has: keep }).last().getByRole('button', revoke).click();
  }

  /** Chooses an answer to a card's question. */
  async chooses(question: string, answer: string, on: Locator = this.card): Promise<void> {
    await on.getByRole('combobox', { name: question }).click();
    await this.page.getByRole('option', { name: answer, exact: true }).click();
  }

  async closes(dialog: Locator): Promise<void> {
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** Presses a card's link; gives the tab that opens. */
  async follows(name: string, on: Locator = this.card): Promise<Page> {
    const opened = this.page.waitForEvent('popup');
    await on.getByRole('link', { name, exact: true }).click();
    return opened;
  }
}
