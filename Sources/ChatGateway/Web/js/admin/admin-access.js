// Which token an operator shows: one that was typed in here, for this tab alone, or that of the account one is logged in with.

import { account, currentToken, logIn } from "../account.js";
import { ofTab } from "../storage.js";

const KEY = "operator";

/** Whether there is anything to try. */
export function hasToken() {
  return Boolean(ofTab.get(KEY, null) ?? account());
}

/** @returns {Promise<string>} rejects with `unauthorized` when there is none */
export async function operatorToken() {
  return ofTab.get(KEY, null) ?? currentToken();
}

/** @param {string} token of somebody whose account is not kept here */
export function useToken(token) {
  ofTab.set(KEY, token);
}

export async function logInAsOperator(name, password) {
  ofTab.set(KEY, undefined);
  await logIn(name, password);
}

/** The account stays logged in, in the chat. */
export function forgetOperator() {
  ofTab.set(KEY, undefined);
}
