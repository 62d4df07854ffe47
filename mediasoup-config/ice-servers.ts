import { createHmac } from 'node:crypto';
import type { Config } from '../src/config/config.ts';

/** An entry of `RTCConfiguration.iceServers`. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** Who the credentials are for, and when they are made. */
export interface IceSession {
  /** Until when they have to work, in milliseconds since the Unix epoch. */
  until: number;
  /** It shows in the TURN server's log and must name nobody; null for a browser that gets no TURN server. */
  user: string | null;
}

/** Seconds that credentials outlive their room, for clocks that disagree. */
const CLOCK_SKEW_SECONDS = 5 * 60;

/**
 * The STUN and TURN servers for one browser. STUN servers come without credentials. With a shared secret the TURN credentials
 * are those of one user and work until their room ends (coturn's `use-auth-secret`, after
 * draft-uberti-behave-turn-rest-00, section 2.2); a connection that is restarted gets fresh ones.
 */
export function iceServers(config: Config, session: IceSession): IceServer[] {
  const stun = config.ice.urls.filter((url) => url.startsWith('stun'));
  const turn = config.ice.urls.filter((url) => url.startsWith('turn'));
  return [
    ...(stun.length === 0 ? [] : [{ urls: stun }]),
    ...(turn.length === 0 || session.user === null
      ? []
      : [{ urls: turn, ...turnCredentials(config, session.until, session.user) }]),
  ];
}

function turnCredentials(config: Config, until: number, user: string): { username?: string; credential?: string } {
  const { credentials } = config.ice;
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'fixed':
      return { username: credentials.username, credential: credentials.password.reveal() };
    case 'shared-secret': {
      const expiry = Math.floor(until / 1000) + CLOCK_SKEW_SECONDS;
      const username = `${expiry}:${user}`;
      return {
        username,
        credential: createHmac('sha1', credentials.secret.reveal()).update(username).digest('base64'),
      };
    }
  }
}
