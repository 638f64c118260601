/**
 * Who a command talks to, and as whom: options before environment before profile. The token of a profile is sent to the
 * server of that profile only, whatever --server says.
 */
import { NAME_CHARS_MAX, NAME_PATTERN } from '@tapseal/shared/bounds';
import { ApiClient } from './api-client.js';
import type { CommandContext, GlobalOptions } from './command-context.js';
import { problemError, usageError } from './problem-error.js';
import { configFileOf, DEFAULT_PROFILE, type Profile, profileNameOf, readConfig } from './profile.js';
import { readFileBounded } from './read-file-bounded.js';
import { parseServerAddress } from './server-address.js';

const TOKEN_BYTES_MAX = 1_024;
const CA_BYTES_MAX = 65_536;

export type Session = {
  readonly client: ApiClient;
  readonly programme: string;
  /** `/v1/programmes/<programme>` followed by `path`. */
  route(path: string): string;
};

export type OpenSessionOptions = {
  /** Whether the command needs a token; verification and enrolment files do not. */
  readonly token?: 'needed' | 'none';
};

function readProfile(context: CommandContext, options: GlobalOptions): Profile | undefined {
  const path = configFileOf(context, options);
  const name = profileNameOf(context, options);
  const config = readConfig(path);
  const profile = config?.profiles[name];
  if (profile === undefined && name !== DEFAULT_PROFILE) {
    const known = Object.keys(config?.profiles ?? {});
    throw usageError(
      `There is no profile "${name}" in ${path}.`,
      known.length === 0 ? 'Make one with `tapseal init`.' : `Choose one of: ${known.join(', ')}.`,
    );
  }
  return profile;
}

function readToken(context: CommandContext, options: GlobalOptions): string | undefined {
  const fromFile =
    options.tokenFile === undefined
      ? undefined
      : new TextDecoder()
          .decode(readFileBounded(options.tokenFile, TOKEN_BYTES_MAX, 'a file with an API token'))
          .trim();
  const token = fromFile ?? context.env.TAPSEAL_TOKEN?.trim();
  if (token === undefined) return undefined;
  // A line break in a header would start another header.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw usageError(
      options.tokenFile === undefined
        ? 'TAPSEAL_TOKEN holds no token.'
        : `${options.tokenFile} holds no token.`,
      'It is one word, as `tapseal token create` prints it.',
    );
  }
  return token;
}

function addressOf(
  context: CommandContext,
  options: GlobalOptions,
  profile: Profile | undefined,
): string | undefined {
  return options.server ?? context.env.TAPSEAL_SERVER ?? profile?.server;
}

/** The server that a command would talk to, if any is known. */
export function knownServer(context: CommandContext, options: GlobalOptions): URL | undefined {
  const address = addressOf(context, options, readProfile(context, options));
  return address === undefined ? undefined : parseServerAddress(address, options.insecureHttp === true);
}

function serverOf(context: CommandContext, options: GlobalOptions, profile: Profile | undefined): URL {
  const address = addressOf(context, options, profile);
  if (address === undefined) {
    throw usageError(
      'No server is known: there is no profile, and no --server was given.',
      'Run `tapseal init` on the machine of the server, or give --server and a token (TAPSEAL_TOKEN).',
    );
  }
  return parseServerAddress(address, options.insecureHttp === true);
}

function programmeOf(context: CommandContext, options: GlobalOptions, profile: Profile | undefined): string {
  const programme = options.programme ?? context.env.TAPSEAL_PROGRAMME ?? profile?.programme;
  if (programme === undefined) {
    throw usageError('No programme is known.', 'Give it with --programme NAME.');
  }
  if (programme.length > NAME_CHARS_MAX || !new RegExp(NAME_PATTERN).test(programme)) {
    throw usageError(
      `"${programme}" is not a name of a programme.`,
      'Names are lower-case letters, digits and hyphens, at most 40 of them.',
    );
  }
  return programme;
}

function openClient(
  context: CommandContext,
  options: GlobalOptions,
  profile: Profile | undefined,
  needed: boolean,
): ApiClient {
  const server = serverOf(context, options, profile);
  const own = profile !== undefined && new URL(profile.server).origin === server.origin;
  const ca =
    options.ca === undefined
      ? own
        ? profile.ca
        : undefined
      : new TextDecoder().decode(readFileBounded(options.ca, CA_BYTES_MAX, 'a certificate in PEM form'));
  if (!needed) return new ApiClient({ server, ...(ca === undefined ? {} : { ca }) });
  const token = readToken(context, options) ?? (own ? profile.token : undefined);
  if (token === undefined) {
    throw problemError(
      'token_missing',
      own || profile === undefined
        ? `There is no token for ${server.origin}.`
        : `The profile's token is for ${profile.server} and is not sent to ${server.origin}.`,
      'Set TAPSEAL_TOKEN, or give --token-file FILE.',
    );
  }
  return new ApiClient({ server, token, ...(ca === undefined ? {} : { ca }) });
}

/** The programme that a command acts in, without a server. @throws ProblemError usage_invalid, config_invalid */
export function chosenProgramme(context: CommandContext, options: GlobalOptions): string {
  return programmeOf(context, options, readProfile(context, options));
}

/** For commands within a programme. @throws ProblemError usage_invalid, config_invalid, token_missing */
export function openSession(
  context: CommandContext,
  options: GlobalOptions,
  { token = 'needed' }: OpenSessionOptions = {},
): Session {
  const profile = readProfile(context, options);
  const client = openClient(context, options, profile, token === 'needed');
  const programme = programmeOf(context, options, profile);
  return { client, programme, route: (path) => `/v1/programmes/${programme}${path}` };
}

/** For commands that concern the server as a whole. @throws as openSession */
export function openServer(
  context: CommandContext,
  options: GlobalOptions,
  { token = 'needed' }: OpenSessionOptions = {},
): ApiClient {
  return openClient(context, options, readProfile(context, options), token === 'needed');
}
