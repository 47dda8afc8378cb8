// Accounts: registering, logging in, and the short-lived tokens that follow from it. Kept for all tabs of the browser.

import { kept } from "./storage.js";

/** A token that ends sooner than this is replaced when somebody asks for it. */
const AHEAD = 90_000;

/** What the server answered instead: `code` is its word for it. */
export class AccountError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const WORDS = {
  unauthorized: "The name or the password is not right.",
  name_taken: "Somebody has that name already.",
  not_found: "This server has no accounts.",
  offline: "The server can't be reached.",
};

async function post(path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`/auth/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
    .catch(() => { throw new AccountError("offline", WORDS.offline); });
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  const code = json.code ?? (answer.status === 404 ? "not_found" : "unavailable");
  throw new AccountError(code, WORDS[code] ?? json.message ?? `The server answered ${answer.status}.`);
}

/** @returns {{name: string, token: string, tokenEnds: number, refreshToken: string} | null} */
export function account() {
  const me = kept.get("me", null);
  return me?.refreshToken ? me : null;
}

function keep({ user, token, expiresAt, refreshToken }) {
  const me = { name: user.name, token, tokenEnds: expiresAt, refreshToken };
  kept.set("me", me);
  return me;
}

export async function register(name, password) {
  return keep(await post("register", { name, password }));
}

export async function logIn(name, password) {
  return keep(await post("login", { name, password }));
}

export async function changePassword(password, newPassword) {
  return keep(await post("password", { password, newPassword }, await currentToken()));
}

/** Ends all sessions of the account, on all devices. */
export async function logOutEverywhere() {
  await post("logout", {}, await currentToken());
}

/** A token that is good for a while yet. One tab at a time asks: what it gets serves all. */
export function currentToken() {
  const renew = async () => {
    const me = account();
    if (!me) throw new AccountError("unauthorized", "You are logged out.");
    if (me.tokenEnds - Date.now() > AHEAD) return me.token;
    return keep(await post("refresh", { refreshToken: me.refreshToken })).token;
  };
  return navigator.locks ? navigator.locks.request("martlet.account", renew) : renew();
}
