// Who may do what in a room, and how that is said. Pure.

/** Characters of a reason, and of a topic. */
export const REASON_MOST = 200;
export const TOPIC_MOST = 250;

/** How long a ban or a mute holds, in milliseconds; 0: until it is lifted. @type {[number, string][]} */
export const DURATIONS = [[600_000, "10 minutes"], [3_600_000, "an hour"], [86_400_000, "a day"], [604_800_000, "a week"], [0, "until it is lifted"]];

/** Between two messages of one person, in milliseconds. @type {[number, string][]} */
export const SLOW_MODES = [[0, "Off"], [5_000, "5 seconds"], [10_000, "10 seconds"], [30_000, "30 seconds"], [60_000, "a minute"], [300_000, "5 minutes"], [3_600_000, "an hour"]];

/** @type {[string, string][]} */
export const ACCESS = [["public", "Public: everybody finds and joins it"], ["unlisted", "Unlisted: whoever knows the name joins it"], ["private", "Private: by invitation"]];

const RANKS = { operator: 3, owner: 2, moderator: 1 };
const rank = (role) => RANKS[role] ?? 0;

export const isModerator = (role) => rank(role) >= RANKS.moderator;
export const isOwner = (role) => rank(role) >= RANKS.owner;

/** Whether somebody of a standing may see to somebody with a role: moderators to members, owners to all but owners, operators to all. */
export const isAbove = (role, other) => isModerator(role) && rank(role) > rank(other);

export const roleWord = (role) => (rank(role) > 0 ? role : "");

/** "5 seconds", "2 minutes": whole ones, rounded up. */
export function secondsText(ms) {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 90) return `${seconds} second${seconds === 1 ? "" : "s"}`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

/**
 * Why nothing can be written in a room right now.
 *
 * @param {import("./room.js").Room} room @param {number} now
 * @returns {{kind: "announcement" | "muted" | "slow", until?: number, reason?: string} | null}
 */
export function writingBar(room, now) {
  if (room.direct || isModerator(room.standing)) return null;
  if (room.muted && room.muted.until > now) return { kind: "muted", ...room.muted };
  if (room.announcement) return { kind: "announcement" };
  if (room.slowUntil > now) return { kind: "slow", until: room.slowUntil };
  return null;
}

const SETTINGS = { topic: (topic) => (topic ? `set the topic “${topic}”` : "took the topic away"), access: (access) => `made the room ${access}`,
  announcement: (on) => (on ? "let only moderators write" : "let everybody write"), slowMode: (ms) => (ms ? `set slow mode to ${secondsText(ms)}` : "ended slow mode") };
const ACTS = { kick: "kicked", ban: "banned", unban: "lifted the ban of", mute: "muted", unmute: "unmuted", invite: "invited", uninvite: "took back the invitation of" };

/** What somebody did, as the audit log has it: "banned Bob until …". @param {(at: number) => string} timeOf */
export function actText({ act, user, role, until, offset, ...entry }, timeOf) {
  const whom = user?.name ?? "somebody";
  const changes = Object.keys(SETTINGS).filter((key) => entry[key] !== undefined).map((key) => SETTINGS[key](entry[key]));
  if (changes.length) return changes.join(", ");
  if (act === "topic") return SETTINGS.topic("");
  if (act === "role") return `made ${whom} ${role === "owner" ? "an owner" : `a ${role}`}`;
  const did = ACTS[act] ? `${ACTS[act]} ${whom}` : [act, user && whom, offset && `message ${offset}`].filter(Boolean).join(" ");
  return until ? `${did} until ${timeOf(until)}` : did;
}
