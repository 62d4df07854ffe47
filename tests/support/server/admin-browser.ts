/** Somebody's browser without scripts: keeps cookies, follows nothing by itself, and submits forms as they stand in a page. */
export class AdminBrowser {
  readonly #url: string;
  readonly cookies = new Map<string, string>();
  /** `Set-Cookie` of every answer. */
  readonly set: string[] = [];
  /** The last page. */
  html = '';

  constructor(url: string) {
    this.#url = url;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await this.#ask(new URL(path, this.#url), { headers });
  }

  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const body = new URLSearchParams(fields);
    return await this.#ask(new URL(path, this.#url), {
      method: 'POST',
      body,
      headers: { origin: this.#url, ...headers },
    });
  }

  /** Submits the form of the last page that goes to `action`, with some fields filled in anew. */
  async submit(action: string, fields: Record<string, string> = {}): Promise<Response> {
    return await this.post(action, { ...this.fields(action), ...fields });
  }

  /** What stands in a form of the last page. */
  fields(action: string): Record<string, string> {
    const forms = this.html.match(/<form[^>]*>[\s\S]*?<\/form>/g) ?? [];
    const form = forms.find((one) => one.includes(`action="${action}"`)) ?? '';
    const inputs = [...form.matchAll(/<input[^>]*name="([^"]*)"[^>]*>/g)].map(([input, name = '']) => {
      return [name, /value="([^"]*)"/.exec(input)?.[1] ?? ''] as const;
    });
    const selects = [...form.matchAll(/<select[^>]*name="([^"]*)"[\s\S]*?<\/select>/g)].map(([select, name = '']) => {
      return [name, /<option value="([^"]*)" selected/.exec(select)?.[1] ?? ''] as const;
    });
    return Object.fromEntries([...inputs, ...selects]);
  }

  /** Goes to an address and on, through redirects, for as long as they lead on; gives the last answer. */
  async follow(path: string): Promise<Response> {
    let response = await this.#ask(new URL(path, this.#url), {});
    for (let hops = 0; hops < 10 && response.status >= 300 && response.status < 400; hops++) {
      response = await this.#ask(new URL(response.headers.get('location') ?? '', response.url), {});
    }
    return response;
  }

  async #ask(url: URL, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      this.set.push(line);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.html = await response.text();
    return response;
  }
}
