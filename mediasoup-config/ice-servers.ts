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
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** Random; it shows in the TURN server's log and must name nobody. */
  id: string;
}

/** Seconds that credentials outlive the longest room, for clocks that disagree. */
const CLOCK_SKEW_SECONDS = 5 * 60;

/**
 * The STUN and TURN servers for one browser. STUN servers come without credentials. With a shared secret each browser's
 * TURN credentials are its own and work for as long as the longest room (coturn's `use-auth-secret`, after
 * draft-uberti-behave-turn-rest-00, section 2.2), because a connection that is restarted needs them again.
 */
export function iceServers(config: Config, session: IceSession): IceServer[] {
  const stun = config.ice.urls.filter((url) => url.startsWith('stun'));
  const turn = config.ice.urls.filter((url) => url.startsWith('turn'));
  return [
    ...(stun.length === 0 ? [] : [{ urls: stun }]),
    ...(turn.length === 0 ? [] : [{ urls: turn, ...turnCredentials(config, session) }]),
  ];
}

function turnCredentials(config: Config, { now, id }: IceSession): { username?: string; credential?: string } {
  const { credentials } = config.ice;
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'fixed':
      return { username: credentials.username, credential: credentials.password.reveal() };
    case 'shared-secret': {
      const expiry = Math.floor(now / 1000) + config.rooms.expiryMaxSeconds + CLOCK_SKEW_SECONDS;
      const username = `${expiry}:${id}`;
      return {
        username,
        credential: createHmac('sha1', credentials.secret.reveal()).update(username).digest('base64'),
      };
    }
  }
}
