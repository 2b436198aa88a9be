import createClient from "openapi-fetch";
import { BASE } from "@/lib/base";
import type { paths } from "./schema";

/** The server's API, typed from its OpenAPI; always the origin that served the page. */
export const api = createClient<paths>({ baseUrl: BASE, credentials: "same-origin" });
