// Finding messages among those that were loaded. Pure.

const MOST = 200;

/**
 * Every word must occur, in any order and case; `from:ann` looks at the author.
 *
 * @param {import("./room.js").Message[]} messages @param {string} typed
 * @returns {import("./room.js").Message[]} the latest first
 */
export function findMessages(messages, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const tests = words.map((word) => {
    const author = /^from:@?(.+)$/.exec(word)?.[1];
    return author ? (one) => one.from.name.toLowerCase().startsWith(author)
      : (one) => one.text.toLowerCase().includes(word) || Boolean(one.attachment?.name.toLowerCase().includes(word));
  });
  const found = [];
  for (let at = messages.length - 1; at >= 0 && found.length < MOST; at--) {
    if (!messages[at].deleted && tests.every((test) => test(messages[at]))) found.push(messages[at]);
  }
  return found;
}
