import { asProblem } from "@/api/problem";
import { toast } from "@/ui/Toast";

/** Something that was deleted and can be brought back. */
export interface Trashed {
  /** Its name in the trash, by which it is restored. */
  readonly name: string;
  readonly id: string;
  readonly title: string;
  /** What else there is to say of it. */
  readonly note?: string;
}

/** Where deleted things of a kind lie. */
export interface Trash {
  /** What lies there, as in "deleted runs". */
  readonly things: string;
  /** The last one that was deleted stands at the end. */
  readonly list: () => Promise<readonly Trashed[]>;
  /** Brings one back, and answers what there is to say about it. */
  readonly restore: (name: string) => Promise<string>;
}

/** Takes something out of the trash, and says how that went; answers whether it did. */
export async function restore(trash: Trash, name: string, onDone: () => void): Promise<boolean> {
  try {
    toast(await trash.restore(name));
  } catch (reason) {
    toast(asProblem(reason).what, null, "error");
    return false;
  }
  onDone();
  return true;
}

/** Takes back a deletion: of several with this id in the trash, the last one. */
export async function restoreLast(trash: Trash, id: string, onDone: () => void): Promise<void> {
  const there = await trash.list().catch(() => []);
  const name = there.findLast((entry) => entry.id === id)?.name;
  if (name !== undefined) await restore(trash, name, onDone);
  else toast("It is no longer in the trash.", null, "error");
}
