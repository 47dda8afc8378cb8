// The first thing a new guest sees: a name, please.

/** @param {(identity: {name: string}) => Promise<void>} enter rejects with what is wrong */
export function showWelcome(enter, problem = "", name = "") {
  const byID = (id) => document.getElementById(id);
  const form = byID("welcome-form");
  const input = byID("name");
  const error = byID("name-error");
  const button = form.querySelector("button");
  byID("shell").hidden = true;
  byID("welcome").hidden = false;
  input.value = name;
  error.textContent = problem;
  input.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wanted = input.value.trim();
    if (!wanted) return;
    error.textContent = "";
    button.disabled = true;
    button.textContent = "Connecting…";
    try {
      await enter({ name: wanted });
    } catch (reason) {
      error.textContent = reason.message;
      input.select();
    } finally {
      button.disabled = false;
      button.textContent = "Start chatting";
    }
  };
}
