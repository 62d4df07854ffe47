/** Slack's origins, and where a response_url of each lies. */
const HOOKS: Readonly<Record<string, string>> = {
  'https://slack.com': 'https://hooks.slack.com',
  'https://slack-gov.com': 'https://hooks.slack-gov.com',
};

/** Takes what a payload names as its response_url; null where GLIR would call somebody else than Slack. */
export type ReadResponseUrl = (text: unknown) => string | null;

/**
 * A response_url lies on Slack's own host for them, with https and the default port, and carries no name and password. Of
 * another origin, such as an emulator's, it has to lie there.
 *
 * @param apiUrl origin of Slack's API
 */
export function responseUrlReader(apiUrl: string): ReadResponseUrl {
  const origin = HOOKS[apiUrl] ?? apiUrl;
  return (text) => {
    const url = typeof text === 'string' ? URL.parse(text) : null;
    if (url === null || url.origin !== origin || url.username !== '' || url.password !== '') return null;
    return url.href;
  };
}
