// "ann is typing…"

export class TypingView {
  constructor({ store }) {
    this.store = store;
    this.line = document.getElementById("typing");
    store.on("typing current", () => this.update());
  }

  update() {
    const now = Date.now();
    const names = [...(this.store.current?.typing ?? [])].filter(([, until]) => until > now)
      .map(([id]) => this.store.people.get(id)?.name).filter(Boolean);
    if (names.length > 3) this.line.textContent = "Several people are typing…";
    else if (names.length) this.line.textContent = `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…`;
    else this.line.textContent = "";
  }
}
