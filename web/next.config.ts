import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

/** Stands for the path below which the server lies; the server replaces it in what it sends. */
const BASE_PLACEHOLDER = "/__latelier_base__";
const SERVER = process.env.LATELIER_SERVER ?? "http://127.0.0.1:6283";

/**
 * In development, Next serves the page and hands `/api` to the Python server; a build exports static
 * files that the Python server serves itself. Compression is off because it would hold back events.
 */
export default function config(phase: string): NextConfig {
  const common: NextConfig = { reactStrictMode: true, compress: false, devIndicators: false };
  if (phase !== PHASE_DEVELOPMENT_SERVER) {
    const env = { NEXT_PUBLIC_BASE: BASE_PLACEHOLDER };
    return { ...common, output: "export", images: { unoptimized: true }, basePath: BASE_PLACEHOLDER, env };
  }
  return {
    ...common,
    rewrites: async () => [{ source: "/api/:path*", destination: `${SERVER}/api/:path*` }],
  };
}
