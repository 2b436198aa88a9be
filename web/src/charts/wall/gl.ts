import { closePoints, link, openPoints, type PointBuffers, type Program } from "../map/glProgram";
import { scaleOf, type WallRenderer, type WallScene } from "./scene";

const VERTEX = `#version 300 es
in vec2 from, to;
in vec4 color;
uniform vec2 scale, shift;
uniform float t, size;
out vec4 tint;
flat out float edge;
void main() {
  gl_Position = vec4(mix(from, to, t) * scale + shift, 0.0, 1.0);
  gl_PointSize = size;
  edge = 1.0 / size;
  tint = color;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
flat in float edge;
uniform float rim;
out vec4 pixel;
void main() {
  float away = length(gl_PointCoord - 0.5);
  float inside = 1.0 - smoothstep(0.5 - edge, 0.5, away);
  if (inside <= 0.02) discard;
  float alpha = tint.a * inside;
  // Full opacity marks a color that the ground would swallow: such a point has an edge.
  float line = step(0.999, tint.a) * smoothstep(0.46 - 2.0 * edge, 0.5 - edge, away);
  pixel = vec4(mix(tint.rgb, vec3(rim), line) * alpha, alpha);
}`;

/** Draws all tiles on the graphics card, on one canvas: a tile is one call, cut off at its border. */
export class GlWall implements WallRenderer {
  readonly kind = "webgl2";
  private readonly gl: WebGL2RenderingContext;
  private readonly program: Program;
  private readonly buffers: PointBuffers;
  private loaded: { glide: unknown; look: unknown; count: number } = { glide: null, look: null, count: 0 };

  /** @throws Error when there is no WebGL2. */
  constructor(readonly canvas: HTMLCanvasElement) {
    [this.gl, this.buffers] = openPoints(canvas, false);
    this.program = link(this.gl, VERTEX, FRAGMENT);
    this.gl.useProgram(this.program.handle);
    this.gl.enable(this.gl.SCISSOR_TEST);
  }

  draw(scene: WallScene): void {
    const { gl, program } = this;
    if (gl.isContextLost()) return;
    const { side, view, ratio, points } = scene;
    this.upload(scene);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.scissor(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    program.uniform("t", scene.t);
    program.uniform("size", scene.size * ratio + 1); // the soft rim takes half a pixel on each side
    program.uniform("rim", scene.rim / 255);
    for (const tile of scene.tiles) {
      const [across, up] = [(2 * scaleOf(tile, side)) / view.width, (2 * scaleOf(tile, side)) / view.height];
      const [x, y] = [(2 * (tile.left + side / 2)) / view.width - 1, 1 - (2 * (tile.top + side / 2)) / view.height];
      program.uniform("scale", [across, up]);
      program.uniform("shift", [x - tile.window.x * across, y - tile.window.y * up]);
      const corner = (value: number) => Math.round(value * ratio);
      gl.scissor(corner(tile.left), corner(view.height - tile.top - side), corner(side), corner(side));
      gl.drawElements(gl.POINTS, points, gl.UNSIGNED_INT, tile.index * points * 4);
    }
  }

  private upload({ glide, look, points }: WallScene): void {
    const { gl, buffers, program } = this;
    const count = glide.to.length / 2;
    if (this.loaded.glide !== glide) {
      program.attribute("from", buffers.from, glide.from, 2);
      program.attribute("to", buffers.to, glide.to, 2);
    }
    if (this.loaded.look !== look || this.loaded.count !== count) {
      const [colors, order] = [new Uint8Array(count * 4), new Uint32Array(count)];
      for (let first = 0; first < count; first += points) {
        colors.set(look.colors, first * 4);
        look.order.forEach((at, turn) => (order[first + turn] = first + at));
      }
      program.attribute("color", buffers.color, colors, 4);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.order);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.DYNAMIC_DRAW);
    }
    this.loaded = { glide, look, count };
  }

  dispose(): void {
    closePoints(this.gl, this.buffers, this.program);
  }
}
