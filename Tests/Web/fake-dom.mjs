// As much of a DOM as the renderer uses. It has no HTML parser at all: assigning innerHTML or the like throws.

class FakeText {
  nodeType = 3;
  constructor(data) { this.data = String(data); }
}

class FakeElement {
  nodeType = 1;
  childNodes = [];
  #attributes = new Map();
  #known = { href: "", target: "", rel: "", className: "", title: "", tabIndex: -1 };

  constructor(tag) {
    this.tagName = tag.toUpperCase();
    for (const name of Object.keys(this.#known)) {
      Object.defineProperty(this, name, {
        get: () => this.#attributes.get(name) ?? this.#known[name],
        set: (value) => this.#attributes.set(name, String(value)),
      });
    }
    for (const name of ["innerHTML", "outerHTML"]) {
      Object.defineProperty(this, name, { set() { throw new Error(`${name} is never used`); } });
    }
  }

  append(...nodes) {
    this.childNodes.push(...nodes.map((node) => (typeof node === "string" ? new FakeText(node) : node)));
  }
  setAttribute(name, value) { this.#attributes.set(name, String(value)); }
  addEventListener() { throw new Error("a text's nodes listen to nothing"); }
  insertAdjacentHTML() { throw new Error("never used"); }
  attributeNames() { return [...this.#attributes.keys()]; }
}

export class FakeDocument {
  createElement(tag) { return new FakeElement(tag); }
  createElementNS(_, tag) { return new FakeElement(tag); }
  createTextNode(data) { return new FakeText(data); }
}
