// Files dropped on, or pasted into, the page.

/** @param {HTMLElement} area @param {(files: File[]) => void} taken @param {() => boolean} isOpen whether files are wanted now */
export function takeDrops(area, taken, isOpen) {
  let depth = 0; // entering a child comes before leaving its parent
  const wanted = (event) => isOpen() && event.dataTransfer?.types.includes("Files");
  const show = (on) => area.classList.toggle("dropping", on);
  area.addEventListener("dragenter", (event) => { if (wanted(event)) { depth += 1; show(true); } });
  area.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) show(false); });
  area.addEventListener("dragover", (event) => { if (wanted(event)) event.preventDefault(); });
  area.addEventListener("drop", (event) => {
    depth = 0;
    show(false);
    if (!wanted(event)) return;
    event.preventDefault();
    taken([...event.dataTransfer.files]);
  });
}

/** @param {HTMLElement} field @param {(files: File[]) => void} taken @param {() => boolean} isOpen */
export function takePastes(field, taken, isOpen) {
  field.addEventListener("paste", (event) => {
    const files = [...event.clipboardData?.files ?? []];
    if (!files.length || !isOpen()) return;
    event.preventDefault();
    taken(files);
  });
}
