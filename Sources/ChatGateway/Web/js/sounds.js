// Notification sounds, made on the spot: each is a handful of notes for an oscillator. No files to load.

/** @type {Record<string, {label: string, wave: OscillatorType, notes: [number, number, number, number?][]}>}
 *  notes: start (s), length (s), pitch (Hz), pitch at its end (Hz) */
export const SOUNDS = {
  chirp: { label: "Chirp", wave: "sine", notes: [[0, 0.07, 2100, 2900], [0.1, 0.06, 2500, 3200], [0.19, 0.1, 2900, 2200]] },
  drop: { label: "Drop", wave: "sine", notes: [[0, 0.16, 880, 420]] },
  bell: { label: "Bell", wave: "triangle", notes: [[0, 0.6, 1046.5], [0, 0.5, 1568], [0, 0.4, 2637]] },
  knock: { label: "Knock", wave: "square", notes: [[0, 0.05, 180, 90], [0.14, 0.05, 180, 90]] },
  pop: { label: "Pop", wave: "sine", notes: [[0, 0.09, 320, 760]] },
  glass: { label: "Glass", wave: "sine", notes: [[0, 0.7, 1760], [0.02, 0.5, 2637], [0.04, 0.35, 3951]] },
  rise: { label: "Rise", wave: "triangle", notes: [[0, 0.12, 523.25], [0.1, 0.12, 659.25], [0.2, 0.22, 783.99]] },
};

let context;

/** Plays one, if the browser lets us: before the first click or key press of a visit it may not. */
export function play(name, volume) {
  const sound = SOUNDS[name];
  if (!sound || volume <= 0 || !globalThis.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  const begin = context.currentTime + 0.01;
  for (const [start, length, from, to = from] of sound.notes) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = sound.wave;
    oscillator.frequency.setValueAtTime(from, begin + start);
    oscillator.frequency.exponentialRampToValueAtTime(to, begin + start + length);
    // Rising and falling within milliseconds, not at once: a hard edge clicks.
    gain.gain.setValueAtTime(0.0001, begin + start);
    gain.gain.exponentialRampToValueAtTime(0.25 * volume, begin + start + 0.008);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + start + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(begin + start);
    oscillator.stop(begin + start + length + 0.02);
  }
}
