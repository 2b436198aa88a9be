import { ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";

export default function NotFound() {
  return (
    <main>
      <Notice title="There is no such page" actions={<ButtonLink href="/runs">See all runs</ButtonLink>}>
        The address may have a slip in it.
      </Notice>
    </main>
  );
}
