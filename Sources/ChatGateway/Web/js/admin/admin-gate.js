// The door of the operators' page: an account's name and password, or a token.

import { hasToken, logInAsOperator, useToken } from "./admin-access.js";
import { ask } from "./admin-api.js";

const NOT_FOR_YOU = "You are logged in, but not as an operator. Who operates this cluster is set on its nodes.";

/** @param {() => void} enter somebody who may see it is here @param {{code?: string}} [problem] why one was sent back */
export async function showGate(enter, problem) {
  const byID = (id) => document.getElementById(id);
  const [form, name, password, error, submit, other] = ["gate-form", "gate-name", "gate-password", "gate-error", "gate-submit", "gate-token"].map(byID);
  let byToken = false;

  function show() {
    const label = form.querySelector("label[for=gate-name]");
    label.hidden = name.hidden = byToken;
    name.required = !byToken;
    form.querySelector("label[for=gate-password]").textContent = byToken ? "Token" : "Password";
    password.autocomplete = byToken ? "off" : "current-password";
    password.maxLength = byToken ? 8_192 : 256;
    submit.textContent = byToken ? "Go on" : "Log in";
    other.textContent = byToken ? "Use a password instead" : "Use a token instead";
  }

  function say(reason) {
    byID("gate").hidden = false;
    byID("gate-intro").textContent = reason.code === "forbidden" ? NOT_FOR_YOU : "Nodes, rooms and people of this cluster, for those who run it.";
    error.textContent = reason.code === "forbidden" || reason.code === undefined ? "" : reason.message ?? "";
    name.focus();
  }

  /** Asks for something that only operators get. */
  async function attempt(prepare) {
    submit.disabled = true;
    error.textContent = "";
    try {
      await prepare?.();
      await ask("stats");
      password.value = "";
      enter();
    } catch (reason) {
      say(reason);
      if (prepare) password.select();
    } finally {
      submit.disabled = false;
    }
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    attempt(byToken ? () => useToken(password.value.trim()) : () => logInAsOperator(name.value.trim(), password.value));
  };
  other.onclick = () => {
    byToken = !byToken;
    password.value = "";
    show();
    (byToken ? password : name).focus();
  };
  show();
  if (problem) say(problem);
  else if (hasToken()) await attempt();
  else say({});
}
