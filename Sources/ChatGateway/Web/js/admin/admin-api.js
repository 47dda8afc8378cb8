// Asking a node for what it tells operators.

import { AccountError } from "../account.js";
import { operatorToken } from "./admin-access.js";

const WITHIN = 8_000;

/**
 * @param {string} path beneath `/api/v1/` @param {Record<string, string | number | null | undefined>} [query]
 * @returns {Promise<any>} rejects with an error whose `code` is the server's, or `offline`
 */
export async function ask(path, query = {}) {
  const token = await operatorToken();
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  const answer = await fetch(`/api/v1/${path}?${search}`, {
    headers: { authorization: `Bearer ${token}` }, cache: "no-store", signal: AbortSignal.timeout(WITHIN),
  }).catch(() => { throw new AccountError("offline", "The server can't be reached."); });
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  const code = json.code ?? { 401: "unauthorized", 403: "forbidden", 404: "not_found" }[answer.status] ?? "unavailable";
  throw new AccountError(code, json.message ?? `The server answered ${answer.status}.`);
}
