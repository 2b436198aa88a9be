const box = { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": true, fill: "none", stroke: "currentColor", strokeWidth: 1.4 } as const;

export function PlayIcon() {
  return (
    <svg {...box} stroke="none" fill="currentColor">
      <path d="M3.5 1.8v10.4L12 7z" />
    </svg>
  );
}

export function PauseIcon() {
  return (
    <svg {...box} stroke="none" fill="currentColor">
      <path d="M3 2h3v10H3zM8 2h3v10H8z" />
    </svg>
  );
}

export function SunIcon() {
  return (
    <svg {...box}>
      <circle cx="7" cy="7" r="2.6" />
      <path d="M7 .8v1.8M7 11.4v1.8M.8 7h1.8M11.4 7h1.8M2.6 2.6l1.3 1.3M10.1 10.1l1.3 1.3M11.4 2.6l-1.3 1.3M3.9 10.1l-1.3 1.3" />
    </svg>
  );
}

export function MoonIcon() {
  return (
    <svg {...box}>
      <path d="M11.8 8.6A5.2 5.2 0 0 1 5.4 2.2a5.2 5.2 0 1 0 6.4 6.4z" />
    </svg>
  );
}

export function TrashIcon() {
  return (
    <svg {...box}>
      <path d="M2 3.6h10M5.2 3.4V2h3.6v1.4M3.4 3.8l.6 8.2h6l.6-8.2M5.8 6v3.8M8.2 6v3.8" />
    </svg>
  );
}

export function PencilIcon() {
  return (
    <svg {...box}>
      <path d="M2.2 11.8l.6-2.8 6.6-6.6 2.2 2.2L5 11.2z" />
    </svg>
  );
}

export function CopyIcon() {
  return (
    <svg {...box}>
      <path d="M4.6 4.6h7v7h-7zM9 4.4V2.4H2.4V9h2" />
    </svg>
  );
}

export function CloseIcon() {
  return (
    <svg {...box}>
      <path d="M3 3l8 8M11 3l-8 8" />
    </svg>
  );
}
