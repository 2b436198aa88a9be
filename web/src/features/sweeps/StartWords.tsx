"use client";
import { copyText } from "@/features/session/copyText";
import { IconButton } from "@/ui/Button";
import { CopyIcon } from "@/ui/icons";
import styles from "./SweepsScreen.module.css";

const COMMANDS = [
  ["latelier sweep color/quick --executor ensemble", "31 subsets of five regularizers, trained together"],
  ["latelier sweep library/digits-vae --grid objective.beta=1,2,4,8", "one value after the other"],
  ["latelier sweep library/digits-vae --seeds 5", "the same five times"],
] as const;

/** What a sweep is, and the commands that start one. */
export function StartWords() {
  return (
    <div className={styles.start}>
      <p>A sweep trains many variants of one configuration and puts their maps on one wall, with one scrubber for all. Start one under <b>New run</b>, from a preset that has a sweep, or with a command; it appears here by itself.</p>
      <ul>
        {COMMANDS.map(([command, what]) => (
          <li key={command}>
            <code>{command}</code>
            <IconButton label={`Copy ${command}`} onClick={() => copyText(command)}><CopyIcon /></IconButton>
            <small>{what}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}
