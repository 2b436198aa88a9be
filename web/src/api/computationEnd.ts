import { getComputation, type Computation } from "./computations";
import { asProblem, Problem } from "./problem";

const POLL_MS = 400;
const AWAY_MS = 2000;

/**
 * Follows a computation to its end, also over a server that is away for a while.
 *
 * @param onNews Told of every answer on the way; false lets go of it, and it goes on by itself.
 * @returns Whether it was made: not where it was cancelled or let go of.
 * @throws Problem with the server's words when it failed.
 */
export async function computationEnd(id: string, onNews: (now: Computation) => boolean): Promise<boolean> {
  for (;;) {
    const now = await getComputation(id).catch((reason: unknown) => {
      const problem = asProblem(reason);
      if (!problem.isOffline) throw problem;
      return null;
    });
    if (now?.state === "done") return true;
    if (now?.state === "cancelled") return false;
    if (now?.state === "failed") throw problemOf(now);
    if (now && !onNews(now)) return false;
    await new Promise((resolve) => setTimeout(resolve, now ? POLL_MS : AWAY_MS));
  }
}

function problemOf({ error }: Computation): Problem {
  if (!error) return new Problem("It could not be made.", 500, "The server's console says more.");
  return new Problem(error.got ? `${error.what}: ${error.got}` : error.what, 200, error.remedy ?? (error.expected ? `Expected: ${error.expected}.` : null));
}
