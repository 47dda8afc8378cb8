/** Types of martlet.js, the client library of a Martlet chat cluster. */

export interface Position { epoch: string; offset: number; at: number }
export type Status = "online" | "away" | "busy";
export interface User { id: string; name: string; guest?: boolean; /** Of the cluster; told of oneself only. */ operator?: boolean; status?: Status; statusText?: string }
export interface Attachment { id: string; type: string; name: string; size: number; url?: string }

interface EntryBase { room: string; epoch: string; offset: number; at: number; from: User }
export interface Message extends EntryBase {
  type: "message"; text: string; key?: string; replyTo?: number; action?: boolean; mentions?: string[]; attachment?: Attachment;
}
export interface Edited extends EntryBase { type: "edited"; target: number; text: string }
export interface Deleted extends EntryBase { type: "deleted"; target: number }
export interface Reacted extends EntryBase { type: "reacted"; target: number; emoji: string; on: boolean }
/** One numbered thing that happened in a room. */
export type Entry = Message | Edited | Deleted | Reacted;

/** Where a message was stored. */
export interface Ack { room: string; offset: number; epoch: string; at: number }
export interface Joined extends Position {
  room: string; members: User[]; memberCount: number; entries: Entry[]; changes: Entry[]; recovered: boolean;
  readOffset?: number; role?: Role; topic?: string; access?: Access; announcement?: boolean; slowMode?: number;
}
export type Role = "owner" | "moderator" | "member";
export type Access = "public" | "unlisted" | "private";
/** How a room is set up; `slowMode` in milliseconds. */
export interface RoomSettings { topic?: string; access: Access; announcement: boolean; slowMode: number }
export interface Sanction { user: User; by?: User; at: number; until?: number; reason?: string }
export interface Moderation {
  room?: string; roles?: (Sanction & { role: Role })[]; bans: Sanction[]; mutes?: Sanction[]; invitations?: Sanction[]; after?: string;
}
export interface Audit {
  room?: string; more: boolean;
  entries: {
    id: string; at: number; act: string; by: User; operator?: boolean; user?: User; role?: Role; reason?: string; until?: number;
    topic?: string; access?: Access; announcement?: boolean; slowMode?: number; offset?: number;
  }[];
}
export interface Page { room: string; epoch: string; entries: Entry[]; changes: Entry[]; more: boolean }
export interface Members { room?: string; members: User[]; count: number; after?: string }
export interface RoomList { rooms: { room: string; topic?: string; members: number; lastAt?: number }[]; after?: string }
export interface Inbox {
  conversations: {
    room: string; user?: User; joined?: boolean; last?: Entry; readOffset: number; unread: number; mentions: number; approx?: boolean;
  }[];
  after?: string;
}

export type State = "idle" | "connecting" | "online" | "waiting" | "closed";

/** What each event brings. */
export interface Events {
  state: { state: State; attempt: number; via?: string; retryAt?: number; code?: number; reason?: string; error?: MartletError };
  identity: { user: User; token: string | null; renamed: boolean };
  snapshot: { room: string; epoch: string; offset: number; entries: Entry[]; changes: Entry[]; reason?: string };
  entry: Entry;
  message: Message;
  edited: Edited;
  deleted: Deleted;
  reacted: Reacted;
  room: { room: string; members: User[]; memberCount: number; readOffset?: number; role: Role } & RoomSettings;
  configured: { room: string; role?: Role } & RoomSettings;
  kicked: { room: string; reason?: string };
  invited: { room: string; by: User };
  left: { room: string; reason?: string; message?: string };
  replaced: { before: User };
  resumed: { recovered: number; replaced: number; lost: number };
  presence: { room: string; joined: User[]; left: { id: string }[]; count: number; approx?: boolean };
  user: { user: User };
  typing: { room: string; user: User | string; on: boolean };
  read: { room: string; user: User | string; offset: number };
  mention: { room: string; entry: Message };
  degraded: { on: boolean; reason?: string };
  goaway: { reconnectAfter: number; reason?: string };
  refreshed: { expiresAt: number };
  failure: MartletError;
}

/** The answer is not the hoped-for one. */
export class MartletError extends Error {
  constructor(code: string, message: string, more?: { room?: string; retryAfter?: number });
  /** One of the protocol's, or: offline, timeout, closed, queue_full, overflow, outcome_unknown, kicked, banned, bad_url. */
  code: string;
  room?: string;
  retryAfter?: number;
}

export interface Clock { now(): number; setTimeout(action: () => void, ms: number): unknown; clearTimeout(timer: unknown): void }

export interface Options {
  /** `wss://host/ws`; by default of the page's own host. */
  url?: string;
  /** A token of an earlier session, or of the application's. */
  token?: string | null;
  /** Asked for a token when there is none, and whenever one is about to end or was refused. */
  getToken?: () => Promise<string | null>;
  /** The name a guest would like to have. */
  name?: string;
  /** `auto` (the default) tries a WebSocket and falls back to the HTTP stream. */
  transport?: "auto" | "websocket" | "stream";
  /** The constructor, for Node below 22. */
  WebSocket?: unknown;
  fetch?: typeof fetch;
  protocols?: string[];
  clock?: Clock;
  random?: () => number;
  /** How many messages may wait to be sent; 200 by default. */
  outboxMost?: number;
}

export interface SendOptions { key?: string; replyTo?: number; action?: boolean }
export interface AttachOptions { name: string; mediaType?: string; text?: string; replyTo?: number; key?: string; onProgress?: (part: number) => void }

export class Martlet {
  constructor(options?: Options);

  state: State;
  retryAt: number;
  degraded: boolean;
  user: User | null;
  token: string | null;
  expiresAt: number;
  via: "websocket" | "stream" | null;
  limits: Record<string, number>;
  node: string | null;
  pingInterval: number;
  /** Frame types this server told us it does not know. */
  unsupported: Set<string>;
  readonly rooms: string[];
  readonly unsent: number;

  /** Calls the handler at each event; returns what takes it off again. */
  on<Name extends keyof Events>(type: Name, handler: (event: Events[Name], more?: { recovered: boolean }) => void): () => void;
  /** The events of a type, for `for await`. Ends with the session or the signal; throws `overflow` rather than skip. */
  events<Name extends keyof Events>(
    type: Name, options?: { room?: string; signal?: AbortSignal; limit?: number },
  ): AsyncIterableIterator<Events[Name]>;

  connect(): Promise<User>;
  close(): void;
  retryNow(): void;
  check(within?: number): void;

  join(room: string, options?: { history?: number }): Promise<Joined>;
  leave(room: string): Promise<void>;
  position(room: string): Position | null;

  send(room: string, text: string, options?: SendOptions): Promise<Ack>;
  direct(to: string, text: string, options?: SendOptions): Promise<Ack>;
  attach(target: { room: string } | { to: string }, bytes: Uint8Array, options: AttachOptions): Promise<Ack>;
  edit(room: string, offset: number, text: string): Promise<unknown>;
  delete(room: string, offset: number): Promise<unknown>;
  react(room: string, offset: number, emoji: string, on?: boolean): Promise<unknown>;
  read(room: string, offset: number): Promise<unknown>;
  typing(room: string, on?: boolean): Promise<unknown>;

  nick(name: string): Promise<unknown>;
  status(status: Status, text?: string): Promise<unknown>;
  block(user: string): Promise<unknown>;
  unblock(user: string): Promise<unknown>;
  blocked(): Promise<{ users: string[] }>;
  settings(changes?: { showReading?: boolean }): Promise<{ showReading: boolean }>;
  kick(room: string, user: string, reason?: string): Promise<unknown>;
  /** Without a room: out of the whole cluster. `duration` in milliseconds. */
  ban(room: string | null, user: string, how?: { reason?: string; duration?: number }): Promise<unknown>;
  unban(room: string | null, user: string): Promise<unknown>;
  mute(room: string, user: string, how?: { reason?: string; duration?: number }): Promise<unknown>;
  unmute(room: string, user: string): Promise<unknown>;
  role(room: string, user: string, role: Role): Promise<unknown>;
  invite(room: string, user: string): Promise<unknown>;
  uninvite(room: string, user: string): Promise<unknown>;
  topic(room: string, topic: string): Promise<unknown>;
  configure(room: string, changes?: { access?: Access; announcement?: boolean; slowMode?: number }): Promise<{ room: string; role: Role } & RoomSettings>;
  moderation(room: string | null, options?: { after?: string }): Promise<Moderation>;
  audit(room: string | null, options?: { before?: string; limit?: number }): Promise<Audit>;
  refresh(token: string): Promise<{ expiresAt?: number }>;

  history(room: string, options?: { before?: number; after?: number; limit?: number }): Promise<Page>;
  who(room?: string, options?: { after?: string; limit?: number }): Promise<Members>;
  listRooms(options?: { after?: string }): Promise<RoomList>;
  inbox(options?: { after?: string; limit?: number }): Promise<Inbox>;
  ping(): Promise<{ at: number }>;
  /** Sends any frame and resolves with its reply. */
  request(frame: { type: string; [field: string]: unknown }, bytes?: Uint8Array): Promise<any>;
}

export const VERSION: string;
/** Milliseconds before attempt number `attempt` (from 0): full jitter up to 1 s, doubling to 30 s. */
export function backoff(attempt: number, random?: () => number): number;
/** The direct room of two users. */
export function directRoom(a: string, b: string): string;
/** A key that nobody else has. */
export function newKey(): string;
/** A binary frame: header length (4 bytes, big endian), header, content. */
export function encodeAttachment(header: object, bytes: Uint8Array): Uint8Array;
/** What an entry is to somebody at a position. */
export function judge(position: Position | null, entry: Position): "new" | "old" | "foreign";
/** Splits a `text/event-stream` into events. */
export class EventParser {
  constructor(deliver: (event: string, data: string) => void);
  push(text: string): boolean;
}
