import { isLoopbackHost } from '../config/addresses.ts';

/**
 * Whether a request's Origin header names one of our own pages. On loopback, localhost and 127.0.0.1 are the same
 * machine, so any loopback name with the public URL's port counts.
 */
export function ownOrigin(publicUrl: string): (origin: string) => boolean {
  const own = new URL(publicUrl);
  const ownHost = hostOf(own);
  return (origin) => {
    if (origin === own.origin) return true;
    if (!isLoopbackHost(ownHost) || !URL.canParse(origin)) return false;
    const other = new URL(origin);
    return other.protocol === own.protocol && other.port === own.port && isLoopbackHost(hostOf(other));
  };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
