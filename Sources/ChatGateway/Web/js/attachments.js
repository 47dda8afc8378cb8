// Files on their way into a message: what fits, and making a picture fit.

/** Where the server does not say. */
const DEFAULT_MOST = 1_048_576;
const SHRINKABLE = /^image\/(png|jpeg|webp)$/;
const EDGES = [2_560, 1_920, 1_280, 800];

/** @param {{limits: Record<string, number>}} store @returns {number} bytes a file may have */
export function mostBytes({ limits }) {
  return limits.attachmentBytes ?? DEFAULT_MOST;
}

export function sizeText(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A picture that is too large is made smaller; anything else stays as it is. @returns {Promise<File>} */
export async function fitted(file, most) {
  if (file.size <= most || !SHRINKABLE.test(file.type)) return file;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file;
  for (const edge of EDGES) {
    const smaller = await drawn(bitmap, Math.min(1, edge / Math.max(bitmap.width, bitmap.height)));
    if (smaller && smaller.size <= most) return new File([smaller], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  }
  return file;
}

function drawn(bitmap, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  // JPEG has no transparency: what was clear becomes white, not black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}
