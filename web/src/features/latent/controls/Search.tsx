"use client";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { membersOf } from "@/lib/latent/fields";
import { find, isBeyond, type Found } from "@/lib/latent/find";
import { count } from "@/lib/format";
import { TextInput } from "@/ui/TextInput";
import { useLatent } from "../latent";
import { Thumb } from "../Thumb";
import styles from "./Search.module.css";

/** Finds a point by its index, or a class by its name. The slash key leads here. */
export function Search() {
  const { order, classes, choice, change, sheet, field, map, anatomy } = useLatent();
  const [query, setQuery] = useState("");
  const [marked, setMarked] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useSlash(input);
  const found = find(query, { ids: order, classes, errors: anatomy.data?.reconstruction });
  const chosen = Math.min(marked, found.length - 1);
  const take = (item: Found | undefined) => {
    if (item?.kind === "point") change({ focus: item.id });
    else if (item?.kind === "class") change({ hidden: classes.map(({ value }) => value).filter((value) => value !== item.value) });
    else if (item?.kind === "members" && map.data) change({ selected: membersOf(field, item.value, map.data.ids), focus: null });
    else if (item?.kind === "errors" && anatomy.data?.reconstruction) {
      const { ids, reconstruction } = anatomy.data;
      change({ selected: Array.from(ids).filter((_, at) => isBeyond(reconstruction[at] as number, item.sign, item.limit)), focus: null });
    } else return;
    setQuery("");
    input.current?.blur();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") take(found[chosen]);
    else if (event.key === "ArrowDown") setMarked(Math.min(chosen + 1, found.length - 1));
    else if (event.key === "ArrowUp") setMarked(Math.max(chosen - 1, 0));
    else if (event.key === "Escape") {
      setQuery("");
      input.current?.blur();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  return (
    <div className={styles.search}>
      {found.length > 0 && (
        <ul className={styles.found} role="listbox" id="latent-found" aria-label="Found">
          {found.map((item, at) => (
            <li
              key={at}
              id={`latent-found-${at}`}
              role="option"
              aria-selected={at === chosen}
              aria-disabled={item.kind === "nothing" || undefined}
              className={styles.item}
              onPointerDown={(event) => {
                event.preventDefault();
                take(item);
              }}
            >
              {item.kind === "point" && <Thumb sheet={sheet} id={item.id} size={20} />}
              {words(item, classes, choice.label)}
            </li>
          ))}
        </ul>
      )}
      <TextInput
        ref={input}
        className={styles.input}
        role="combobox"
        aria-label="Find a point by index, a class, or points by error"
        aria-expanded={found.length > 0}
        aria-controls="latent-found"
        aria-activedescendant={found.length > 0 ? `latent-found-${chosen}` : undefined}
        placeholder="Find label, index, error"
        suffix="/"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setMarked(0);
        }}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function words(item: Found, classes: readonly { readonly value: number; readonly name: string }[], by: string): string {
  if (item.kind === "point") return `Point ${item.id}`;
  if (item.kind === "nothing") return item.why;
  if (item.kind === "errors") return `Select the ${count(item.count)} with an error ${item.sign === ">" ? "above" : "below"} ${item.limit}`;
  const name = classes.find(({ value }) => value === item.value)?.name ?? item.value;
  if (item.kind === "members") return `Select the ${count(item.count)} of ${by.toLowerCase()} ${name}`;
  return `Only ${by.toLowerCase()} ${name}, ${count(item.count)} points`;
}

function useSlash(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("input:not([type=range]), textarea, select, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [input]);
}
