"use client";
import { useEffect, useMemo, useRef, useState } from "react";
import { listRuns, type RunRow } from "@/api/runs";
import { BarLink, TopBar } from "@/features/session/TopBar";
import { useList, type Listing } from "@/features/session/useList";
import { TrashDialog } from "@/features/trash/TrashDialog";
import { keepUnchanged, runFilter, sortRuns, type ListColumn } from "@/lib/runList";
import { readParam, writeParams } from "@/lib/url";
import { Button, ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import type { Sorting } from "@/ui/Table";
import { TextInput } from "@/ui/TextInput";
import { DeleteRunDialog } from "./DeleteRunDialog";
import { LabelsDialog } from "@/features/labels/LabelsDialog";
import { RunsTable } from "./RunsTable";
import styles from "./RunsScreen.module.css";
import { RUN_TRASH } from "./trash";

const RUNS: Listing<RunRow> = { list: listRuns, isBusy: ({ state }) => state === "running" || state === "created", keep: keepUnchanged };

const STATES = [
  { value: "any", label: "Status: any" },
  { value: "running", label: "Training" },
  { value: "created", label: "Queued" },
  { value: "completed", label: "Done" },
  { value: "cancelled", label: "Canceled" },
  { value: "failed", label: "Failed" },
] as const;

type Open = { readonly dialog: "labels" | "delete"; readonly run: RunRow } | { readonly dialog: "trash" } | null;

export function RunsScreen() {
  const { rows: runs, problem, refresh } = useList(RUNS);
  const [pattern, setPattern] = useState("");
  const [state, setState] = useState("any");
  const [sorting, setSorting] = useState<Sorting>({ column: "created", descending: true });
  const [open, setOpen] = useState<Open>(null);
  const input = useSlash();

  useEffect(() => {
    // The export has no address; the view in it is read after the first paint.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setPattern(readParam("q") ?? "");
    setState(readParam("state") ?? "any");
  }, []);

  const filter = useMemo(() => runFilter(pattern), [pattern]);
  const shown = useMemo(() => {
    const kept = (runs ?? []).filter((run) => (state === "any" || run.state === state) && filter.test(run));
    return sortRuns(kept, sorting.column as ListColumn, sorting.descending);
  }, [runs, filter, state, sorting]);
  const training = (runs ?? []).filter((run) => run.state === "running").length;

  const sort = (column: string) =>
    setSorting((now) => ({ column, descending: now.column === column ? !now.descending : column !== "name" }));
  const search = (text: string) => {
    setPattern(text);
    writeParams({ q: text || null });
  };

  return (
    <div className={styles.page}>
      <TopBar trail={<><BarLink href="/runs" on>Runs</BarLink><BarLink href="/sweeps" on={false}>Sweeps</BarLink></>} aside={<ButtonLink href="/" look="primary">New run</ButtonLink>} />
      <main className={styles.main}>
        <div className={styles.tools}>
          <h1>Runs</h1>
          <TextInput
            ref={input}
            className={styles.filter}
            type="search"
            aria-label="Filter by name, tag, model or data"
            placeholder="Filter by name or tag (regex)"
            suffix="/"
            value={pattern}
            onChange={(event) => search(event.target.value)}
          />
          <Select
            label="Status"
            value={state}
            options={STATES}
            onChange={(value) => {
              setState(value);
              writeParams({ state: value === "any" ? null : value });
            }}
          />
          <span className={styles.spring} />
          <span className={styles.count} role="status">
            {problem ? <b>{problem.isOffline ? "The server does not answer; looking again" : problem.what}</b> : runs && countWords(shown.length, runs.length, training)}
            {filter.literal && " · taken as plain text"}
          </span>
          <Button onClick={() => setOpen({ dialog: "trash" })}>Trash</Button>
        </div>
        {!runs && !problem && <Waiting />}
        {!runs && problem && (
          <Notice title={problem.what} tone="error" actions={<Button onClick={refresh}>Try again</Button>}>
            {problem.remedy}
          </Notice>
        )}
        {runs?.length === 0 && (
          <Notice title="No runs yet" actions={<ButtonLink href="/" look="primary">Start the first run</ButtonLink>}>
            Start one here, or with <code>latelier train</code>: it appears by itself.
          </Notice>
        )}
        {runs && runs.length > 0 && shown.length === 0 && (
          <Notice title="No run fits" actions={<Button onClick={() => { search(""); setState("any"); }}>Show all runs</Button>}>
            {runs.length} runs are hidden by the filter.
          </Notice>
        )}
        {shown.length > 0 && (
          <RunsTable
            runs={shown}
            sorting={sorting}
            onSort={sort}
            onLabels={(run) => setOpen({ dialog: "labels", run })}
            onDelete={(run) => setOpen({ dialog: "delete", run })}
          />
        )}
      </main>
      {open?.dialog === "labels" && <LabelsDialog run={open.run} onClose={() => setOpen(null)} onDone={refresh} />}
      {open?.dialog === "delete" && <DeleteRunDialog run={open.run} onClose={() => setOpen(null)} onDone={refresh} />}
      {open?.dialog === "trash" && <TrashDialog trash={RUN_TRASH} onClose={() => setOpen(null)} onDone={refresh} />}
    </div>
  );
}

function countWords(shown: number, all: number, training: number): string {
  const total = shown === all ? `${all} ${all === 1 ? "run" : "runs"}` : `${shown} of ${all} runs`;
  return training ? `${total}, ${training} training` : total;
}

function Waiting() {
  return (
    <div className={styles.waiting}>
      {Array.from({ length: 8 }, (_, row) => (
        <Skeleton key={row} height={20} width={`${92 - row * 4}%`} label={row === 0 ? "Loading the runs" : undefined} />
      ))}
    </div>
  );
}

/** `/` moves to the filter. */
function useSlash() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return input;
}
