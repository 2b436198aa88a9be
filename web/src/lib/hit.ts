/** How far from a point the pointer may be and still mean it, in CSS pixels. */
export const PICK_RADIUS = 14;

/**
 * The point nearest to a pixel.
 *
 * @param pixels Places on the canvas, 2 a point; NaN where there is none.
 * @param visible 1 where a point can be meant, 0 where it is dimmed.
 * @returns Its place in the list, or -1 if none is near.
 */
export function nearest(
  pixels: Float32Array,
  visible: Uint8Array,
  x: number,
  y: number,
  radius: number = PICK_RADIUS,
): number {
  let best = -1;
  let least = radius * radius;
  for (let at = 0, i = 0; at < visible.length; at += 1, i += 2) {
    if (visible[at] === 0) continue;
    const dx = (pixels[i] as number) - x;
    const dy = (pixels[i + 1] as number) - y;
    const distance = dx * dx + dy * dy;
    if (distance <= least) {
      least = distance;
      best = at;
    }
  }
  return best;
}
