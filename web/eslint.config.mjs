import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const LAYERS = ["app", "features", "charts", "ui", "api", "lib"];

/** A layer may import what `allowed` names, and itself; the sentence says why. */
function layer(name, allowed, why) {
  const forbidden = LAYERS.filter((other) => other !== name && !allowed.includes(other));
  const group = forbidden.flatMap((other) => [`@/${other}`, `@/${other}/*`, `**/../${other}/*`]);
  const patterns = group.length ? [{ group, message: why }] : [];
  if (name === "lib") {
    patterns[0] = { ...patterns[0], allowTypeImports: true };
    patterns.push({ group: ["react", "react-dom", "next/*"], message: "lib holds plain TypeScript: no React." });
  }
  return {
    files: [`src/${name}/**/*.{ts,tsx}`],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] },
  };
}

export default tseslint.config(
  { ignores: [".next/", "out/", "node_modules/", "public/", "next-env.d.ts", "src/api/schema.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { prefer: "type-imports" }],
      "max-lines": ["error", 400],
      eqeqeq: ["error", "always"],
      "no-console": "error",
    },
  },
  { files: ["src/**/*.test.ts"], rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
  layer("lib", [], "lib is the ground: of other layers it knows only the generated types."),
  layer("api", ["lib"], "api speaks to the server and knows only lib."),
  layer("ui", ["lib"], "ui holds atoms that know nothing of runs or of the server."),
  layer("charts", ["lib"], "charts turn (artifact, view) into pixels: they fetch nothing."),
  layer("features", ["charts", "ui", "api", "lib"], "a feature does not know the routes."),
);
