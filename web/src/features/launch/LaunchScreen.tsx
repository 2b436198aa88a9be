"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { startRun } from "@/api/runs";
import { BarLink, TopBar } from "@/features/session/TopBar";
import type { ConfigTree } from "@/lib/config";
import { honestName, isModified } from "@/lib/launchForm";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { ConfigForm } from "./ConfigForm";
import { LaunchBar } from "./LaunchBar";
import styles from "./LaunchScreen.module.css";
import { PresetList } from "./PresetList";
import { useLaunchData, type LaunchData } from "./useLaunchData";

export function LaunchScreen() {
  const { data, problem, retry } = useLaunchData();
  return (
    <div className={styles.page}>
      <TopBar trail={<><BarLink href="/" on>New run</BarLink><BarLink href="/runs" on={false}>Runs</BarLink><BarLink href="/sweeps" on={false}>Sweeps</BarLink></>} />
      {data ? (
        <Launch data={data} />
      ) : problem ? (
        <main>
          <Notice title={problem.what} tone="error" actions={<Button look="primary" onClick={retry}>Try again</Button>}>
            {problem.remedy}
          </Notice>
        </main>
      ) : (
        <Waiting />
      )}
    </div>
  );
}

function Launch({ data }: { readonly data: LaunchData }) {
  const router = useRouter();
  const first = data.presets.find((preset) => preset.name === data.standard) ?? data.presets[0];
  const [preset, setPreset] = useState(first?.name ?? null);
  const [config, setConfig] = useState<ConfigTree>((first?.config ?? {}) as ConfigTree);
  const [round, setRound] = useState(0); // choosing the same preset again takes back what was typed
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const choose = (name: string) => {
    const next = data.presets.find((candidate) => candidate.name === name);
    if (!next) return;
    setPreset(name);
    setRound(round + 1);
    setConfig(next.config as ConfigTree);
    setProblem(null);
  };
  const chosen = data.presets.find((candidate) => candidate.name === preset);
  const origin = chosen?.config as ConfigTree | undefined;
  const modified = origin !== undefined && isModified(config, origin);
  const change = (next: ConfigTree) => {
    setConfig(origin ? honestName(next, origin) : next);
    setProblem(null);
  };
  const start = async () => {
    setBusy(true);
    try {
      router.push(`/runs/${await startRun(config)}`);
    } catch (reason) {
      setProblem(asProblem(reason));
      setBusy(false);
    }
  };
  return (
    <main className={styles.main}>
      <h1 className="visually-hidden">New run</h1>
      <aside className={styles.presets} aria-label="Presets">
        <PresetList presets={data.presets} chosen={preset} modified={modified} onChoose={choose} />
      </aside>
      <div className={styles.form}>
        <ConfigForm key={`${preset}.${round}`} form={data.form} datasets={data.datasets} config={config} problem={problem} onChange={change} />
      </div>
      <LaunchBar config={config} sweep={(chosen?.sweep ?? null) as ConfigTree | null} problem={problem} busy={busy} onProblem={setProblem} onStart={() => void start()} />
    </main>
  );
}

function Waiting() {
  return (
    <main className={styles.main}>
      <div className={styles.presets} style={{ padding: 16, display: "grid", gap: 12, alignContent: "start" }}>
        {Array.from({ length: 6 }, (_, at) => (
          <Skeleton key={at} height={84} label={at === 0 ? "Loading presets" : undefined} />
        ))}
      </div>
      <div className={styles.form} style={{ padding: 24, display: "grid", gap: 16, alignContent: "start" }}>
        {Array.from({ length: 9 }, (_, at) => (
          <Skeleton key={at} height={20} width={`${80 - (at % 3) * 12}%`} />
        ))}
      </div>
    </main>
  );
}
