"use client";
import { Button, ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";

interface ErrorProps {
  readonly error: Error;
  readonly reset: () => void;
}

/** Where a screen fell over: says so, and offers a way on. */
export default function ScreenError({ error, reset }: ErrorProps) {
  const actions = (
    <>
      <Button look="primary" onClick={reset}>
        Try again
      </Button>
      <ButtonLink href="/runs">See all runs</ButtonLink>
    </>
  );
  return (
    <main>
      <Notice title="This screen stopped working" tone="error" actions={actions}>
        {error.message}
      </Notice>
    </main>
  );
}
