// Not a module, so that it runs before the first paint: a dark page must not flash white.
(function () {
  var theme = "system";
  try {
    theme = (JSON.parse(localStorage.getItem("martlet.prefs") || "{}").theme) || "system";
  } catch (error) { /* no storage, no preference */ }
  var dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
