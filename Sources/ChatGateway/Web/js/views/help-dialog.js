// What can be typed.

import { el } from "../dom.js";
import { commandsOf } from "../commands.js";
import { FORMATS as BUTTONS, shortcut } from "../markup.js";
import { parse } from "../format.js";
import { render } from "../render.js";
import { openDialog } from "./dialog.js";

const FORMATS = ["*bold*", "_italic_", "~~strike~~", "`code`", "> quote", ":tada:", "https://example.org"];
const KEYS = [["Alt+↑ / Alt+↓", "previous, next conversation"], ["↑ in an empty box", "edit your last message"],
  ["Shift+Enter", "a new line"], ["Esc", "cancel a reply or an edit"],
  ["Ctrl+Shift+F", "search in this conversation"], ["↑ / ↓ on a message", "previous, next message"],
  ...BUTTONS.map((one) => [shortcut(one), one.label.toLowerCase()])];

/** @param {{store: import("../store.js").Store}} page */
export function showHelp({ store }) {
  const rows = (pairs) => el("dl.help", {}, ...pairs.flatMap(([term, ...meaning]) => [el("dt", {}, el("code", {}, term)), el("dd", {}, ...meaning)]));
  openDialog("Help",
    el("h3", {}, "Commands"), rows(commandsOf(store).map(([, { use, does }]) => [use, does])),
    el("h3", {}, "Formatting"), rows(FORMATS.map((text) => [text, ...render(parse(text))])),
    el("h3", {}, "Keys"), rows(KEYS));
}
