import { closePoints, link, openPoints, type PointBuffers, type Program } from "./glProgram";
import type { PointRenderer, Scene } from "./scene";

const VERTEX = `#version 300 es
in vec3 from, to;
in vec4 color;
uniform mat4 matrix;
uniform float t, size, target;
uniform vec2 depth;
out vec4 tint;
flat out float edge;
void main() {
  vec3 place = mix(from, to, t);
  gl_Position = matrix * vec4(place, 1.0);
  float w = gl_Position.w;
  gl_PointSize = target > 0.0 ? clamp(size * target / w, size * 0.5, size * 3.0) : size;
  edge = 1.0 / gl_PointSize;
  float far = target > 0.0 ? clamp((w - depth.x) / (depth.y - depth.x), 0.0, 1.0) : 0.0;
  tint = vec4(color.rgb, color.a * mix(1.0, 0.42, far));
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
flat in float edge;
out vec4 pixel;
void main() {
  vec2 at = gl_PointCoord - 0.5;
  float inside = 1.0 - smoothstep(0.5 - edge, 0.5, length(at));
  if (inside <= 0.02) discard;
  float alpha = tint.a * inside;
  pixel = vec4(tint.rgb * alpha, alpha);
}`;

/** Draws the points on the graphics card: between two maps, it only needs to be told how far along. */
export class GlRenderer implements PointRenderer {
  readonly kind = "webgl2";
  private readonly gl: WebGL2RenderingContext;
  private readonly program: Program;
  private readonly buffers: PointBuffers;
  private loaded: { glide: unknown; look: unknown } = { glide: null, look: null };

  /** @throws Error when there is no WebGL2. */
  constructor(readonly canvas: HTMLCanvasElement) {
    [this.gl, this.buffers] = openPoints(canvas, true);
    this.program = link(this.gl, VERTEX, FRAGMENT);
    this.gl.useProgram(this.program.handle);
    this.gl.depthFunc(this.gl.LEQUAL);
  }

  draw(scene: Scene): void {
    const { gl } = this;
    if (gl.isContextLost()) return;
    this.upload(scene);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.depthMask(true);
    gl.clear(scene.camera.kind === "orbit" ? gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT : gl.COLOR_BUFFER_BIT);
    this.program.uniform("matrix", scene.matrix);
    this.program.uniform("t", scene.glide.at(scene.now));
    this.program.uniform("size", scene.size * scene.ratio + 1); // the soft rim takes half a pixel on each side
    this.program.uniform("target", scene.camera.kind === "orbit" ? scene.camera.distance : 0);
    this.program.uniform("depth", scene.depth);
    this.points(scene);
  }

  /** The dimmed ones first; in space they must not hide others, so they leave no depth. */
  private points({ camera, look }: Scene): void {
    const { gl } = this;
    const solid = camera.kind === "orbit";
    if (!solid) gl.disable(gl.DEPTH_TEST);
    const lit = look.order.length - look.dimmed;
    const draw = (first: number, count: number) => {
      if (count > 0) gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, first * 4);
    };
    if (!solid) {
      draw(0, look.order.length);
      return;
    }
    gl.enable(gl.DEPTH_TEST);
    draw(look.dimmed, lit);
    gl.depthMask(false);
    draw(0, look.dimmed);
  }

  private upload({ glide, look }: Scene): void {
    const { gl, buffers, program } = this;
    if (this.loaded.glide !== glide) {
      program.attribute("from", buffers.from, glide.from, 3);
      program.attribute("to", buffers.to, glide.frame.coords, 3);
    }
    if (this.loaded.look !== look) {
      program.attribute("color", buffers.color, look.colors, 4);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.order);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, look.order, gl.DYNAMIC_DRAW);
    }
    this.loaded = { glide, look };
  }

  dispose(): void {
    closePoints(this.gl, this.buffers, this.program);
  }
}
