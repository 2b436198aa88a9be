import { api } from "./client";
import { unwrap } from "./problem";

/** The folder of runs that the server serves; "runs" when it does not say. */
export function serverFolder(): Promise<string> {
  return unwrap(api.GET("/api/health")).then(
    (health) => health.runs_dir,
    () => "runs",
  );
}
