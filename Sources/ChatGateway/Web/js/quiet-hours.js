// Do not disturb: always, or between two times of the day. Pure.

/**
 * @param {{quiet: "off" | "on" | "hours", quietFrom: string, quietTo: string}} prefs times as "22:00"
 * @param {Date} now
 */
export function isQuiet({ quiet, quietFrom, quietTo }, now) {
  if (quiet !== "hours") return quiet === "on";
  const from = minutes(quietFrom);
  const to = minutes(quietTo);
  const at = now.getHours() * 60 + now.getMinutes();
  // Over midnight the stretch has two parts.
  return from <= to ? at >= from && at < to : at >= from || at < to;
}

function minutes(text) {
  const [hours, rest] = text.split(":").map(Number);
  return hours * 60 + rest;
}
