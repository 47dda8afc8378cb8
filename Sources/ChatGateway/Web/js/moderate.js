// What moderators and owners ask of the server; each rejects with its reason.

export class Moderate {
  /** @param {(frame: object) => Promise<any>} request */
  constructor(request) {
    this.request = request;
  }

  /** @param {string} [reason] */
  kick(room, user, reason) { return this.request({ type: "kick", room, user, reason }); }

  /** @param {{reason?: string, duration?: number}} how `duration` in milliseconds; without it: for good */
  ban(room, user, { reason, duration }) { return this.request({ type: "ban", room, user, reason, duration }); }
  unban(room, user) { return this.request({ type: "unban", room, user }); }
  mute(room, user, { reason, duration }) { return this.request({ type: "mute", room, user, reason, duration }); }
  unmute(room, user) { return this.request({ type: "unmute", room, user }); }

  /** @param {"owner" | "moderator" | "member"} role */
  role(room, user, role) { return this.request({ type: "role", room, user, role }); }
  invite(room, user) { return this.request({ type: "invite", room, user }); }
  uninvite(room, user) { return this.request({ type: "uninvite", room, user }); }
  topic(room, topic) { return this.request({ type: "topic", room, topic }); }

  /** @param {{access?: string, announcement?: boolean, slowMode?: number}} changes */
  configure(room, changes) { return this.request({ type: "configure", room, ...changes }); }

  /** A page of who has which role, is banned, muted, invited. */
  lists(room, after) { return this.request({ type: "moderation", room, after }); }

  /** A page of what was done. @param {string} [before] an entry's id */
  audit(room, before) { return this.request({ type: "audit", room, before, limit: 50 }); }
}
