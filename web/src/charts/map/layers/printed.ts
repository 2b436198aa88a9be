/** A word on a canvas of its own, with its size in CSS pixels. */
export interface Printed {
  readonly image: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  /** Whether no font was on its way; else it is to be written again. */
  readonly final: boolean;
}

interface Ink {
  readonly font: string;
  readonly ink: string;
  /** Drawn around the ink, so that it is read over anything. */
  readonly halo: string;
}

export type Print = (text: string, ink: Ink, ratio: number) => Printed;

const HALO = 4;
const HEIGHT = 28;

/**
 * Writes a word once, to be put on the map at every picture. A text on a canvas of the page makes the
 * browser settle the styles of the whole page first, which costs more than all else that is drawn.
 */
export const printed: Print = (text, { font, ink, halo }, ratio) => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas.");
  pen.font = font;
  const width = Math.ceil(pen.measureText(text).width) + 2 * HALO;
  [canvas.width, canvas.height] = [Math.ceil(width * ratio), Math.ceil(HEIGHT * ratio)];
  pen.scale(ratio, ratio);
  pen.font = font; // a canvas that was resized has forgotten it
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = HALO;
  pen.strokeStyle = halo;
  pen.fillStyle = ink;
  pen.strokeText(text, width / 2, HEIGHT / 2 + 0.5);
  pen.fillText(text, width / 2, HEIGHT / 2 + 0.5);
  return { image: canvas, width: canvas.width / ratio, height: canvas.height / ratio, final: document.fonts.status === "loaded" };
};
