/** Letting a client in: its version, who it is, and whether it may speak for its instance; then the welcome. */
import {
  CLOSE,
  isId,
  isObject,
  PROTOCOL_VERSION,
  type SyncFrame,
  type WelcomeFrame,
} from '../../src/protocol/protocol.js';
import type {AuthenticateRequest, Identity, Settings} from '../options.js';
import type {Instances, Occupant} from './instances.js';

const MESSAGES = {
  'greeting-expected': "The first frame is a 'sync'",
  'unknown-frame': 'Too many frames of unknown types',
  'protocol-version': `This server speaks version ${PROTOCOL_VERSION} of the protocol`,
  'wrong-subject': "The token is another subject's",
  unauthorized: 'The token is missing, wrong or expired',
  fenced: 'A newer leader of this client has been here',
  'shared-client': 'Two databases keep replacing each other under one client identity',
} as const;

/** Ends a session with a code of ours. */
export class Refused extends Error {
  readonly code: keyof typeof MESSAGES;
  readonly closeCode: number;
  readonly more: {subject?: string};

  constructor(code: keyof typeof MESSAGES, closeCode: number, more: {subject?: string} = {}) {
    super(MESSAGES[code]);
    this.code = code;
    this.closeCode = closeCode;
    this.more = more;
  }
}

/**
 * A greeting of another version may look like nothing we know, and still deserves to be told so: its version is read
 * before anything else. @throws Refused `protocol-version`
 */
export function checkGreeting(text: string): void {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return;
  }
  if (!isObject(frame) || frame['type'] !== 'sync') return;
  const version = frame['protocol'];
  if (typeof version === 'number' && version !== PROTOCOL_VERSION) {
    throw new Refused('protocol-version', CLOSE.protocolVersion);
  }
}

/** @throws Refused `unauthorized`, also when the hook itself fails on the token */
export async function verifyIdentity(settings: Settings, request: AuthenticateRequest): Promise<Identity> {
  const {authenticate, logger} = settings;
  if (!authenticate) return {subject: 'anonymous'};
  let identity: Identity | null = null;
  try {
    identity = await authenticate(request);
  } catch (error) {
    // Most libraries throw on a bad token. The message may quote it, so it goes nowhere but to the host's debug log.
    logger.debug('authenticate threw', error);
  }
  if (!identity || !isId(identity.subject)) throw new Refused('unauthorized', CLOSE.unauthorized);
  const {expires} = identity;
  if (expires !== undefined && !(expires > Date.now())) throw new Refused('unauthorized', CLOSE.unauthorized);
  return identity;
}

/** @throws Refused `fenced`, `shared-client` */
export async function claimInstance(
  instances: Instances,
  frame: SyncFrame,
  identity: Identity,
  occupant: Occupant,
): Promise<void> {
  const claim = await instances.claim(identity.subject, frame.instance, frame, occupant);
  if (claim === 'fenced') throw new Refused('fenced', CLOSE.fenced);
  if (claim === 'shared') throw new Refused('shared-client', CLOSE.sharedClient);
}

export function welcome(settings: Settings, identity: Identity): WelcomeFrame {
  const {source, limits} = settings;
  const {operation, frame, operations, heartbeat} = limits;
  const {expires} = identity;
  return {
    type: 'welcome',
    protocol: PROTOCOL_VERSION,
    subject: identity.subject,
    generation: source.generation,
    headLSN: source.head.lsn,
    serverTime: Date.now(),
    heartbeat,
    limits: {operation, frame, operations},
    ...(expires === undefined ? {} : {tokenExpires: expires}),
  };
}
