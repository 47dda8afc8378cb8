// Light or dark: as preferred, or as the system has it.

import { onPrefs, prefs } from "./prefs.js";

const systemDark = matchMedia("(prefers-color-scheme: dark)");

export function isDark() {
  return prefs.theme === "dark" || (prefs.theme === "system" && systemDark.matches);
}

function apply() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  document.querySelector("meta[name=theme-color]").content = isDark() ? "#14161d" : "#f3f4f8";
}

export function startTheme() {
  systemDark.addEventListener("change", apply);
  onPrefs(apply);
}
