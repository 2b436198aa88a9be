import type { Metadata } from "next";
import type { ReactNode } from "react";
import { BASE } from "@/lib/base";
import { Toasts } from "@/ui/Toast";
import "./tokens.css";
import "./base.css";
import { inter, interGreek, mono } from "./fonts";

export const metadata: Metadata = {
  title: { default: "Latelier", template: "%s · Latelier" },
  description: "Train a representation model and watch its latent space form.",
  icons: { icon: `${BASE}/icon.svg` },
};

export default function RootLayout({ children }: { readonly children: ReactNode }) {
  const fonts = `${inter.variable} ${interGreek.variable} ${mono.variable}`;
  return (
    <html lang="en" data-theme="dark" className={fonts} suppressHydrationWarning>
      <head>
        {/* Not deferred: it must run before the first paint. */}
        <script src={`${BASE}/theme.js`} />
      </head>
      <body>
        {children}
        <Toasts />
      </body>
    </html>
  );
}
