// The first thing a visitor sees: a name, please; or an account's name and password.

import { logIn, register } from "../account.js";

const MODES = {
  guest: { intro: "Pick a name and start talking.", button: "Start chatting", password: null },
  login: { intro: "Welcome back.", button: "Log in", password: "current-password" },
  register: { intro: "Your name, on all your devices.", button: "Register", password: "new-password" },
};

/** @param {(identity: object) => Promise<void>} enter rejects with what is wrong */
export function showWelcome(enter, problem = "", name = "") {
  const byID = (id) => document.getElementById(id);
  const form = byID("welcome-form");
  const [input, password, error] = [byID("name"), byID("password"), byID("name-error")];
  const button = form.querySelector("button[type=submit]");
  const mode = () => form.elements.mode.value;
  byID("shell").hidden = true;
  byID("welcome").hidden = false;

  function show() {
    const { intro, button: label, password: kind } = MODES[mode()];
    byID("welcome-intro").textContent = intro;
    button.textContent = label;
    byID("password-field").hidden = !kind;
    password.required = Boolean(kind);
    password.autocomplete = kind ?? "off";
    input.autocomplete = kind ? "username" : "nickname";
  }

  /** A server without accounts need not offer any. */
  function onlyGuests() {
    form.querySelector(".modes").hidden = true;
    form.elements.mode.value = "guest";
    show();
  }

  async function identity(wanted) {
    if (mode() === "login") return logIn(wanted, password.value);
    if (mode() === "register") return register(wanted, password.value);
    return { name: wanted };
  }

  input.value = name;
  error.textContent = problem;
  for (const choice of form.elements.mode) choice.onchange = () => { error.textContent = ""; show(); };
  show();
  input.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wanted = input.value.trim();
    if (!wanted) return;
    error.textContent = "";
    button.disabled = true;
    button.textContent = "Connecting…";
    try {
      await enter(await identity(wanted));
      password.value = "";
    } catch (reason) {
      error.textContent = reason.message;
      if (reason.code === "not_found") onlyGuests();
      (mode() === "login" ? password : input).select();
    } finally {
      button.disabled = false;
      button.textContent = MODES[mode()].button;
    }
  };
}
