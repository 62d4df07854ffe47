import type { PostgresConfig } from './postgres-url.ts';
import type { DataKey, Secret } from './secret.ts';
import type { VariableName, Variables } from './variables.ts';

/** How browsers prove themselves to the TURN servers. */
export type TurnCredentials =
  | { readonly kind: 'none' }
  /** Made per browser from the secret shared with coturn. */
  | { readonly kind: 'shared-secret'; readonly secret: Secret }
  | { readonly kind: 'fixed'; readonly username: string; readonly password: Secret };

/** How GLIR is connected to Slack. */
export interface SlackConfig {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Slack calls us and signs its requests, or we call Slack (socket mode). */
  readonly delivery:
    | { readonly kind: 'http'; readonly signingSecret: Secret }
    | { readonly kind: 'socket'; readonly appToken: Secret };
  /** Origin of Slack's API and OAuth page, without a slash at the end. */
  readonly apiUrl: string;
  /** Ids of the people who may change the settings; null where that is whoever installed GLIR first. */
  readonly admins: readonly string[] | null;
  /** Ids of the workspaces and organisations that GLIR serves; null where Slack decides who may install it. */
  readonly teams: readonly string[] | null;
}

/** How GLIR is connected to Microsoft Teams. */
export interface TeamsConfig {
  readonly app:
    | {
        readonly kind: 'registered';
        /** In lower case, like every id here. */
        readonly appId: string;
        readonly password: Secret;
        /** The one organisation that is served. */
        readonly tenantId: string;
        /** OpenID configuration with the keys of Teams' requests. */
        readonly openIdUrl: string;
        /** Where tokens for Teams come from, without a slash at the end. */
        readonly loginUrl: string;
      }
    /** Unsigned requests of the Agents Playground at this origin, on this machine. */
    | { readonly kind: 'playground'; readonly origin: string };
  /** Entra object ids of the people who may change the settings. */
  readonly admins: readonly string[];
  /** Where the note is written after the dialog. */
  readonly compose: Variables['GLIR_TEAMS_COMPOSE'];
}

/** How much one address, one doctor and one tenant may ask for. */
export interface LimitsConfig {
  /** From one address in a minute. */
  readonly requests: number;
  /** From one address at once. */
  readonly sockets: number;
  /** From one address in a minute. */
  readonly entries: number;
  /** From one address in ten minutes. */
  readonly wrongTries: number;
  /** In an hour. */
  readonly notes: { readonly user: number; readonly tenant: number };
  /** At once. */
  readonly rooms: { readonly user: number; readonly tenant: number };
}

/** How this server is one of several on the same PostgreSQL. */
export interface ClusterConfig {
  /** Where the other nodes reach this one, without a slash at the end: `http://` or `https://`. */
  readonly url: string;
  /** Where this node listens for them, in plain HTTP. */
  readonly listen: { readonly host: string; readonly port: number };
  /** 32 bytes in base64, the same on all nodes. */
  readonly key: Secret;
}

/** The OpenID provider of whoever runs the server (OpenID Connect Core 1.0). */
export interface OperatorSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Subjects, verified e-mail addresses, or claims as `name=value`: one is enough. */
  readonly allowed: readonly string[];
}

/** Who gets the metrics: whoever reaches a port of its own, whoever shows a token, or both together. Never everybody. */
export type MetricsConfig =
  | { readonly kind: 'own-port'; readonly host: string; readonly port: number; readonly token: Secret | null }
  | { readonly kind: 'web-server'; readonly token: Secret };

/** Everything GLIR is told by its environment, checked. Deeply read-only, at run time too. */
export interface Config {
  /** The origin that browsers use, without a slash at the end, such as `https://glir.example.org`. */
  readonly publicUrl: string;
  /** Whether the local chat is served: the public URL is loopback, so that nobody else can reach it, and Slack and Teams are off. */
  readonly localChat: boolean;
  /** Who runs this server, in their own words; null when nobody said. */
  readonly operator: string | null;
  readonly http: {
    /** IP address or `localhost`. */
    readonly host: string;
    readonly port: number;
    /** How many reverse proxies in front are believed. */
    readonly trustProxy: number;
  };
  readonly rtc: {
    /** Port of the first worker; worker i (from 0) uses port + i, UDP and TCP. */
    readonly port: number;
    readonly workers: number;
    readonly listen: readonly ListenAddress[];
    /** Whether data channels may go over TCP as well, where networks let no UDP through. */
    readonly tcp: boolean;
    /** Path of mediasoup's worker, or null for the one in its package. */
    readonly workerBin: string | null;
  };
  readonly ice: {
    /** `stun:`, `stuns:`, `turn:` and `turns:` URLs. */
    readonly urls: readonly string[];
    readonly credentials: TurnCredentials;
    readonly transport: Variables['GLIR_ICE_TRANSPORT'];
  };
  readonly rooms: {
    readonly expiryDefaultSeconds: number;
    readonly expiryMaxSeconds: number;
    readonly readersDefault: number;
    /** The practice's phone number, for patients whose note is gone; null when none was set. */
    readonly phone: string | null;
  };
  /** Bytes that one file may have, and all files of a note together; 0 where there are to be none. */
  readonly files: { readonly fileBytes: number; readonly totalBytes: number };
  readonly limits: LimitsConfig;
  /** Null when Slack is off. */
  readonly slack: SlackConfig | null;
  /** Null when Teams is off. */
  readonly teams: TeamsConfig | null;
  readonly store: {
    /** Absolute path; null when none was set and the environment names no home, and with PostgreSQL. */
    readonly dir: string | null;
    /** Null when durable data is kept in the folder. */
    readonly postgres: PostgresConfig | null;
    /** For tokens at rest: the first encrypts, the others only decrypt. */
    readonly keys: readonly DataKey[];
    /** How long past notes are remembered, without their content; 0 is not at all. */
    readonly historyDays: number;
  };
  /** Null when this server is the only one on its folder or database. */
  readonly cluster: ClusterConfig | null;
  readonly audit: {
    /** How long what happened is kept; 0 is no audit. */
    readonly days: number;
  };
  /** How the operator signs in to the admin console; null when nobody does. */
  readonly operatorSignIn: OperatorSignIn | null;
  /** Where the metrics are for Prometheus; null when nobody is to get them. */
  readonly metrics: MetricsConfig | null;
  readonly logLevel: Variables['GLIR_LOG_LEVEL'];
  readonly logFormat: Variables['GLIR_LOG_FORMAT'];
  /** What is allowed but probably not meant, in sentences for the log; no secrets. */
  readonly warnings: readonly string[];
}

/** An address that data channels listen on. */
export interface ListenAddress {
  readonly ip: string;
  /** What browsers are told instead of `ip`, the first one preferred; empty to tell them `ip`. */
  readonly announced: readonly string[];
  /** Keep an IPv6 wildcard from taking IPv4 as well, because IPv4 has a socket of its own. */
  readonly ipv6Only: boolean;
}

/** One thing that keeps GLIR from starting. */
export interface Problem {
  /** The variable to change. */
  readonly variable: VariableName;
  /** What is wrong, and what to set instead; never a secret's value. */
  readonly text: string;
  /** Other variables that this was concluded from: while one of them is wrong itself, this problem says nothing of use. */
  readonly basedOn: readonly VariableName[];
}

/** What checking the environment has found so far. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];

  /** Keeps GLIR from starting. */
  refuse(variable: VariableName, text: string, basedOn: readonly VariableName[] = []): void {
    this.problems.push({ variable, text, basedOn });
  }

  /** Something that is allowed but probably not meant. */
  warn(text: string): void {
    this.warnings.push(text);
  }
}

/** The environment cannot be used. The message lists every problem with its remedy; it holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const wrong = new Set(problems.map(({ variable }) => variable)).size;
    const count = wrong === 1 ? '1 setting needs' : `${wrong} settings need`;
    const lines = problems.map(({ variable, text }) => `- ${variable}: ${text}`);
    super([`GLIR cannot start: ${count} a change.`, ...lines].join('\n'));
    this.problems = problems;
  }
}
