// What was done to the cluster or in a room, the latest first, and who is banned from it now.

import { el } from "../dom.js";
import { actText } from "../moderation.js";
import { fullText, momentText, momentWithin } from "../time-text.js";
import { unban } from "./admin-actions.js";
import { LiveTable } from "./live-table.js";
import { Paged } from "./paged.js";

export class ModerationSection {
  /** @param {any} page @param {URLSearchParams} query what to begin with */
  constructor(page, query) {
    this.page = page;
    this.room = query.get("room") ?? "";
    this.bans = new LiveTable("Bans", [["Person"], ["Since", "nowrap"], ["Until", "nowrap"], ["By"], ["Reason", "wide-cell"], ["", "cell-actions"]],
      ({ user }) => user.id, (item) => this.#ban(item));
    this.acts = new LiveTable("Audit log", [["When", "nowrap"], ["By"], ["Did", "wide-cell"], ["Reason", "wide-cell"]], ({ id }) => id, (entry) => this.#act(entry));
    this.moreBans = this.#more(() => this.banPages.more());
    this.moreActs = this.#more(() => this.actPages.more());
    this.#begin();
    this.node = el("div", {}, el("div.panel-title", {}, el("h1", {}, "Moderation")), this.#form(),
      el("h2", {}, "Bans"), this.bans.node, el("div.table-foot", {}, this.moreBans),
      el("h2", {}, "Audit log"), this.acts.node, el("div.table-foot", {}, this.moreActs));
  }

  #begin() {
    const room = this.room.replace(/^#/, "") || null;
    const { session } = this.page;
    this.banPages = new Paged((after) => session.ask((chat) => chat.moderation(room, { after })), ({ bans }) => bans);
    this.actPages = new Paged(async (before) => {
      const { entries, more } = await session.ask((chat) => chat.audit(room, { before, limit: 50 }));
      return { entries, after: more ? entries.at(-1)?.id : undefined };
    }, ({ entries }) => entries);
  }

  #more(unfold) {
    return el("button.secondary.small", { type: "button", hidden: true, onClick: () => { unfold(); this.page.refresh(); } }, "Show more");
  }

  #form() {
    const input = el("input", { name: "room", value: this.room, placeholder: "the whole cluster", autocomplete: "off", spellcheck: false, maxLength: 65 });
    return el("form.filters", {
      role: "search",
      "aria-label": "Where",
      onSubmit: (event) => {
        event.preventDefault();
        this.room = input.value.trim();
        this.#begin();
        this.page.refresh();
      },
    }, el("label", {}, "Room", input), el("button.secondary", { type: "submit" }, "Show"));
  }

  async refresh() {
    // Before the chat is asked: whoever may not see this page is to find out here.
    await this.page.ask("stats");
    const [bans, acts] = [this.banPages, this.actPages];
    const nothing = { rows: [] };
    const quiet = (problem) => {
      if (problem.code === "offline" || problem.code === "unauthorized") throw problem;
      this.page.toast(problem);
      return nothing;
    };
    const [banned, done] = [await bans.load().catch(quiet), await acts.load().catch(quiet)];
    if (bans !== this.banPages) return; // another room was chosen meanwhile
    this.moreBans.hidden = !bans.hasMore;
    this.moreActs.hidden = !acts.hasMore;
    this.bans.show(banned.rows, this.room ? "Nobody is banned from this room." : "Nobody is banned from the cluster.");
    this.acts.show(done.rows, "Nothing was done yet.");
  }

  #ban({ user, by, at, until, reason }) {
    const room = this.room.replace(/^#/, "") || null;
    return [
      named(user), moment(at), until ? moment(until) : "lifted by hand", by ? named(by) : "", reason ?? "",
      el("button.secondary.small", { type: "button", "aria-label": `Lift the ban of ${user.name}`, onClick: () => unban(this.page, { ...user, room }) }, "Lift"),
    ];
  }

  #act(entry) {
    return [
      moment(entry.at), named(entry.by ?? { id: "", name: "" }, entry.operator && "operator"),
      actText(entry, momentWithin), entry.reason ?? "",
    ];
  }
}

const named = ({ id, name }, what) => el("span", {}, el("span.cell-name", {}, el("strong", {}, name), what && el("span.state", {}, what)), el("span.cell-sub", { title: id }, id));

const moment = (at) => el("time", { dateTime: new Date(at).toISOString(), title: fullText(at) }, momentText(at));
