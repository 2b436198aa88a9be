import { BarLink, TopBar } from "@/features/session/TopBar";
import { ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";

export default function NotFound() {
  return (
    <>
      <TopBar trail={<><BarLink href="/" on={false}>New run</BarLink><BarLink href="/runs" on={false}>Runs</BarLink><BarLink href="/sweeps" on={false}>Sweeps</BarLink></>} />
      <main>
        <h1 className="visually-hidden">Not found</h1>
        <Notice title="There is no such page" actions={<ButtonLink href="/runs">See all runs</ButtonLink>}>
          The address may have a slip in it.
        </Notice>
      </main>
    </>
  );
}
