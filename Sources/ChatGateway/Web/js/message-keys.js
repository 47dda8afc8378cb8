// Walking through the messages by keyboard: arrows move, R replies, E edits, + reacts; Escape goes back to the box.

/** @param {{reply: Function, edit: Function, store: import("./store.js").Store}} page */
export function startMessageKeys(page) {
  const timeline = document.getElementById("timeline");
  timeline.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = event.target.closest?.("li.message");
    if (event.target !== timeline && event.target !== item) return; // a button in a message has its own keys
    const action = item ? ofMessage(event.key, item, page) : ofList(event.key, timeline);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function ofList(key, timeline) {
  if (key !== "ArrowUp") return null;
  return () => [...timeline.querySelectorAll("li.message")].at(-1)?.focus();
}

function ofMessage(key, item, page) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (step) {
    const all = [...item.parentElement.querySelectorAll("li.message")];
    return () => (all[all.indexOf(item) + step] ?? item).focus();
  }
  if (key === "Escape") return () => document.getElementById("text").focus();
  const message = page.store.current?.find(Number(item.dataset.offset));
  if (!message || message.deleted) return null;
  if (key === "r") return () => page.reply(message);
  if (key === "e" && message.from.id === page.store.me.id && page.store.supports("edit")) return () => page.edit(message);
  if (key === "+") return () => item.querySelector(".tools button")?.click();
  return null;
}
