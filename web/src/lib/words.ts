/** What people call a state of a run, and its color. */
const STATES = {
  created: ["Queued", "plain"],
  running: ["Training", "ok"],
  completed: ["Done", "ok"],
  cancelled: ["Canceled", "plain"],
  failed: ["Failed", "error"],
  unreadable: ["Unreadable", "warn"],
  unknown: ["Loading", "plain"],
} as const;

export function stateWords(state: string): { readonly label: string; readonly tone: "plain" | "ok" | "warn" | "error" } {
  const [label, tone] = STATES[state as keyof typeof STATES] ?? [state, "plain"];
  return { label, tone };
}

const MODELS: Readonly<Record<string, string>> = {
  ae: "AE",
  vae: "VAE",
  gmvae: "GM-VAE",
  "supervised-ae": "Supervised AE",
  "sparse-ae": "Sparse AE",
  "denoising-ae": "Denoising AE",
  "wae-mmd": "WAE-MMD",
  "beta-vae": "β-VAE",
  "beta-tcvae": "β-TCVAE",
  "factor-vae": "FactorVAE",
  "dip-vae": "DIP-VAE",
  "info-vae": "InfoVAE",
  iwae: "IWAE",
  "vamp-vae": "VampPrior VAE",
  "vq-vae": "VQ-VAE",
  adagvae: "Ada-GVAE",
};

export function modelWords(kind: string): string {
  return MODELS[kind] ?? kind;
}

const REASONS: Readonly<Record<string, string>> = {
  interrupted: "Its process ended before it was done. It can be resumed.",
  non_finite: "The objective was no longer a number.",
};

/** Why a run failed, in a sentence. */
export function reasonWords(reason: string | null | undefined, message: string | null | undefined): string {
  return message || (reason && REASONS[reason]) || reason || "It did not say why.";
}

const DATASETS: Readonly<Record<string, string>> = {
  "mnist-5k": "MNIST 5k",
  mnist: "MNIST",
  digits: "Digits 8×8",
  "fashion-mnist": "Fashion-MNIST",
  cifar10: "CIFAR-10",
  colors: "Colors",
  factors: "Factors",
  dsprites: "dSprites",
  shapes3d: "3D Shapes",
  "image-folder": "Image folder",
  npz: "NPZ file",
};

export function datasetWords(name: string): string {
  return DATASETS[name] ?? name;
}
