/** What the points of a map are made of, each in a buffer. */
export type PointBuffers = Readonly<Record<"from" | "to" | "color" | "order", WebGLBuffer>>;

/**
 * A transparent WebGL2 canvas for points that lie over each other, and their buffers.
 *
 * @throws Error when there is no WebGL2.
 */
export function openPoints(canvas: HTMLCanvasElement, depth: boolean): readonly [WebGL2RenderingContext, PointBuffers] {
  const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, premultipliedAlpha: true, depth });
  if (!gl) throw new Error("This browser gives no WebGL2.");
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  return [gl, { from: gl.createBuffer(), to: gl.createBuffer(), color: gl.createBuffer(), order: gl.createBuffer() }];
}

/** Gives the context back at once: browsers give out few, and collect them late. */
export function closePoints(gl: WebGL2RenderingContext, buffers: PointBuffers, program: Program): void {
  for (const buffer of Object.values(buffers)) gl.deleteBuffer(buffer);
  gl.deleteProgram(program.handle);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
}

/** A linked program with its inputs by name. */
export interface Program {
  readonly handle: WebGLProgram;
  /** Sets a number, a pair or a matrix. */
  uniform(name: string, value: number | readonly [number, number] | Float32Array): void;
  /** Fills a buffer and binds it; bytes count as shares of 255. */
  attribute(name: string, buffer: WebGLBuffer, data: Float32Array | Uint8Array, size: number): void;
}

/** @throws Error with the compiler's words when a shader is refused. */
export function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const handle = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error("The graphics context is gone.");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(handle, shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`A shader was refused: ${gl.getShaderInfoLog(shader) ?? "no reason given"}`);
    }
  }
  gl.linkProgram(handle);
  const uniforms = new Map<string, WebGLUniformLocation | null>();
  const where = (name: string) => {
    if (!uniforms.has(name)) uniforms.set(name, gl.getUniformLocation(handle, name));
    return uniforms.get(name) ?? null;
  };
  return {
    handle,
    uniform(name, value) {
      if (typeof value === "number") gl.uniform1f(where(name), value);
      else if (value instanceof Float32Array) gl.uniformMatrix4fv(where(name), false, value);
      else gl.uniform2f(where(name), value[0], value[1]);
    },
    attribute(name, buffer, data, size) {
      const slot = gl.getAttribLocation(handle, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      gl.enableVertexAttribArray(slot);
      const bytes = data instanceof Uint8Array;
      gl.vertexAttribPointer(slot, size, bytes ? gl.UNSIGNED_BYTE : gl.FLOAT, bytes, 0, 0);
    },
  };
}
