// One message as a list item.

import { el, icon, iconButton } from "../dom.js";
import { avatar } from "../avatar.js";
import { parse, isOnlyEmoji, plainText } from "../format.js";
import { render } from "../render.js";
import { isModerator } from "../moderation.js";
import { reactionsOf } from "../room.js";
import { clockText, fullText, timeText } from "../time-text.js";
import { attachment, upload } from "./attachment-view.js";
import { pickEmoji } from "./emoji-picker.js";

/** What decides how a message looks: as long as it stays the same, so does the node. */
export function signature(row, store) {
  const { message, pending, head } = row;
  const name = message ? store.people.get(message.from.id)?.name : store.me.name;
  const room = store.current;
  const seen = message && room?.direct && message.from.id === store.me.id
    && [room.seenOffset >= message.offset, lastOwn(room, store) === message.offset, lastOwn(room, store, room.seenOffset) === message.offset].join();
  return [head, message && isHidden(message, store), (message ?? pending).version, name, seen, store.me.name, store.supports("react"), store.supports("edit"),
    store.supports("delete"), room?.standing, pending && store.connection.state].join("|");
}

/** @param {{message: import("../room.js").Message, head: boolean}} row @returns {HTMLLIElement} */
export function messageItem(row, page) {
  const { message, head } = row;
  const { store } = page;
  const author = { id: message.from.id, name: store.people.get(message.from.id)?.name ?? message.from.name };
  const mine = message.from.id === store.me.id;
  const forMe = !mine && !message.deleted && store.isMention(message);
  const item = shell(row, { action: message.action, mine, forMe });
  item.dataset.offset = String(message.offset);
  item.tabIndex = -1;
  item.append(
    gutter(head && !message.action ? avatar(author) : null, message.at, head),
    el("div.body", {},
      head && !message.action && heading(author, message.at, page, mine),
      message.replyTo !== undefined && quoted(message.replyTo, page),
      (message.text || message.deleted || !message.attachment || isHidden(message, store)) && content(message, author, page),
      message.attachment && !isHidden(message, store) && attachment(message.attachment),
      reactions(message, page),
      seenMark(message, store)),
    tools(message, page, mine));
  return item;
}

/** Something of ours that is not known to be stored yet. */
export function pendingItem(row, page) {
  const { pending, head } = row;
  const { store, session } = page;
  const item = shell(row, { action: pending.action, mine: true });
  item.classList.add("pending", pending.state);
  item.classList.toggle("waiting", store.connection.state !== "online");
  item.append(
    gutter(head && !pending.action ? avatar(store.me) : null, pending.at, head),
    el("div.body", {}, head && !pending.action && heading(store.me, pending.at, page, true),
      (pending.text || !pending.file) && content({ ...pending, text: pending.revised ?? pending.text }, store.me, page), pending.file && upload(pending),
      pending.state === "failed" ? failure(pending, session, store) : sending(store)));
  return item;
}

function shell({ head }, { action, mine, forMe }) {
  return el(["li.message", head && "head", action && "action", mine && "mine", forMe && "for-me"].filter(Boolean).join("."));
}

function gutter(face, at, head) {
  return el("div.gutter", {}, face ?? el(`time.side-time${head ? ".always" : ""}`, { dateTime: new Date(at).toISOString(), title: fullText(at) }, clockText(at)));
}

function heading(author, at, page, mine) {
  return el("div.message-head", {},
    mine ? el("span.author", {}, author.name) : el("button.author", { type: "button", title: `Message ${author.name}`, onClick: () => page.direct(author) }, author.name),
    el("time", { dateTime: new Date(at).toISOString(), title: fullText(at) }, timeText(at)));
}

function content(message, author, { store }) {
  if (message.deleted) return el("div.text.deleted", {}, "Message deleted");
  if (isHidden(message, store)) return hidden(message, store);
  const names = [...(store.current?.members.values() ?? [])].map((member) => member.name);
  const pieces = parse(message.text, { names });
  const nodes = render(pieces, { isMe: (name) => name.toLowerCase() === store.me.name.toLowerCase() });
  const text = el(isOnlyEmoji(pieces) ? "div.text.large" : "div.text", {}, message.action && el("strong.actor", {}, `${author.name} `), ...nodes);
  if (message.editedBy) text.append(el("span.edited", {}, " (edited)"));
  return text;
}

/** What people wrote whom one has blocked shows on request only. */
function isHidden(message, store) {
  return Boolean(message.from) && store.blocked.has(message.from.id) && !message.shown;
}

function hidden(message, store) {
  const show = () => {
    message.shown = true;
    message.version += 1;
    store.changed("timeline");
  };
  return el("div.text.deleted", {}, "From somebody you blocked. ", el("button.link-button", { type: "button", onClick: show }, "Show"));
}

function quoted(offset, page) {
  const original = page.store.current?.find(offset);
  const text = original ? `${original.from.name}: ${original.deleted ? "Message deleted" : isHidden(original, page.store) ? "…" : plainText(parse(original.text))}` : "an earlier message";
  return el("button.quoted", { type: "button", title: "Show the message", onClick: () => page.reveal(offset) }, icon("reply"), el("span", {}, text));
}

function reactions(message, page) {
  const all = reactionsOf(message);
  if (!all.length) return null;
  const { store, session } = page;
  return el("div.reactions", {}, ...all.map(([emoji, people]) => {
    const mine = people.includes(store.me.id);
    const names = people.map((id) => store.people.get(id)?.name ?? "somebody").join(", ");
    return el(`button.reaction${mine ? ".mine" : ""}`, {
      type: "button", title: names, "aria-pressed": String(mine), "aria-label": `${emoji} ${people.length}: ${names}`,
      onClick: () => session.attempt((chat) => chat.react(store.currentName, message.offset, emoji, !mine)),
    }, `${emoji} ${people.length}`);
  }));
}

function seenMark(message, store) {
  const room = store.current;
  if (!room?.direct || message.from.id !== store.me.id || message.deleted) return null;
  const seen = message.offset <= room.seenOffset;
  // One tick: stored. Two: the other one has read it. Only where it changes, and at the end.
  if (!seen && message.offset !== lastOwn(room, store)) return null;
  if (seen && message.offset !== lastOwn(room, store, room.seenOffset)) return null;
  const label = seen ? "Read" : "Sent";
  return el("div.seen", { title: label }, icon(seen ? "checks" : "check"), el("span", {}, label));
}

function lastOwn(room, store, upTo = Infinity) {
  return room.messages.findLast((one) => one.from.id === store.me.id && !one.deleted && one.offset <= upTo)?.offset;
}

function tools(message, page, mine) {
  if (message.deleted) return "";
  const { store, session } = page;
  const room = store.currentName;
  return el("div.tools", { role: "group", "aria-label": "Message" },
    store.supports("react") && iconButton("smile", "React", (event) => pickEmoji(event.currentTarget, (emoji) =>
      session.attempt((chat) => chat.react(room, message.offset, emoji, true)))),
    iconButton("reply", "Reply", () => page.reply(message)),
    !store.current.direct && iconButton("link", "Copy a link to this message", () => page.copyLink(message.offset)),
    mine && store.supports("edit") && !message.attachment && iconButton("edit", "Edit", () => page.edit(message)),
    (mine || isModerator(store.current.standing)) && store.supports("delete") && iconButton("trash", "Delete", () => {
      if (confirm("Delete this message for everybody?")) session.attempt((chat) => chat.delete(room, message.offset));
    }));
}

function sending(store) {
  return el("div.send-state", {}, store.connection.state === "online" ? "Sending…" : "Waits for the connection");
}

function failure(pending, session, store) {
  const room = store.current;
  return el("div.send-state.failed", { role: "alert" }, `${pending.unsure ? "Perhaps not sent" : "Not sent"}: ${pending.error.replace(/\.$/, "")}. `,
    el("button.link-button", { type: "button", onClick: () => session.outgoing.retry(room, pending) }, "Try again"), " ",
    el("button.link-button", { type: "button", onClick: () => session.outgoing.discard(room, pending) }, "Discard"));
}
