import { toast } from "@/ui/Toast";

/** Puts a text on the clipboard, and says whether that went well. */
export function copyText(text: string): void {
  void navigator.clipboard.writeText(text).then(
    () => toast("Copied."),
    () => toast("The browser does not let the page copy. Select the text instead.", null, "error"),
  );
}
