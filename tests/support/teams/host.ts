import type { BrowserContext, FrameLocator, Page } from 'playwright-core';

/** What a frame asked its host for, in order: `initialize`, `getContext`, `appInitialization.success` and so on. */
type Asked = { func: string; args: unknown[] };

interface HostOptions {
  /** Where this Teams is; every address of it shows the host page. */
  origin?: string;
  /** `web`, or `desktop` for Teams' own program. */
  clientType?: string;
  theme?: string;
  /** Headers of the host page. */
  headers?: Record<string, string>;
  /** False for a Teams that never answers. */
  answers?: boolean;
}

/** A frame as Teams makes it for a dialog. */
const FRAME = `
  const frame = document.createElement('iframe');
  frame.name = 'embedded-page-container';
  frame.allow = 'clipboard-read *; clipboard-write *';
  frame.sandbox = 'allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-pointer-lock ' +
    'allow-scripts allow-same-origin allow-downloads';
  frame.style = 'width: 100%; height: 700px; border: 0';
`;

/**
 * A page that plays Microsoft Teams around a dialog: it frames the page and answers what teams-js asks, in the form of
 * Teams' own messages. The browser takes it for the real origin; nothing leaves the machine.
 */
export class TeamsHost {
  readonly page: Page;
  readonly asked: Asked[];

  constructor(page: Page, asked: Asked[]) {
    this.page = page;
    this.asked = asked;
  }

  /** The page in the dialog. */
  get dialog(): FrameLocator {
    return this.page.frameLocator('iframe');
  }

  /** Opens the dialog with this page in it. */
  async opens(address: string): Promise<void> {
    await this.page.evaluate((src) => window.openDialog(src), address);
  }

  /** Closes the dialog, as its cross does. */
  async closes(): Promise<void> {
    await this.page.evaluate(() => document.querySelector('iframe')?.remove());
  }

  async changesTheme(theme: string): Promise<void> {
    await this.page.evaluate((now) => window.tellDialog('themeChange', [now]), theme);
  }
}

declare global {
  interface Window {
    openDialog(src: string): void;
    tellDialog(func: string, args: unknown[]): void;
    told(asked: Asked): void;
  }
}

/** Opens Teams in a new tab of `context`. */
export async function openTeams(context: BrowserContext, options: HostOptions = {}): Promise<TeamsHost> {
  const { origin = 'https://teams.microsoft.com', clientType = 'web', theme = 'default', answers = true } = options;
  const answer = {
    initialize: ['task', clientType, JSON.stringify(RUNTIME), '2.58.0'],
    getContext: [{ theme, hostClientType: clientType, hostName: 'Teams', frameContext: 'task', locale: 'en-us' }],
  };
  const body = `<!doctype html><title>Teams</title><script>
    const answers = ${JSON.stringify(answers ? answer : {})};
    window.openDialog = (src) => { ${FRAME} frame.src = src; document.body.replaceChildren(frame); };
    window.tellDialog = (func, args) => frames[0].postMessage({ func, args }, '*');
    addEventListener('message', ({ data, source, origin }) => {
      if (source !== frames[0]) return;
      window.told({ func: data.func, args: data.args ?? [] });
      const args = answers[data.func];
      if (args !== undefined) source.postMessage({ id: data.id, uuidAsString: data.uuidAsString, args }, origin);
    });
  </script><body></body>`;
  // Chromium asks before a site on the internet, as which it sees this one, may show something of the same machine.
  await context.grantPermissions(['local-network-access'], { origin });
  const page = await context.newPage();
  const asked: Asked[] = [];
  await page.exposeFunction('told', (one: Asked) => {
    asked.push(one);
  });
  await page.route(`${origin}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body, headers: options.headers ?? {} }),
  );
  await page.goto(`${origin}/v2/`);
  return new TeamsHost(page, asked);
}

const RUNTIME = {
  apiVersion: 4,
  hostVersionsInfo: {},
  isLegacyTeams: false,
  supports: { dialog: { card: { bot: {} }, url: { bot: {} } }, pages: {} },
};
