import { expect, it } from "vitest";
import { csvOf } from "./csv";

it("quotes what would break the table, and nothing else", () => {
  const rows = [[1, "ankle boot", 0.5], [2, 'T-shirt, "top"', -3e-7], [3, "two\nlines", Number.NaN], [4, null, undefined], [5, " edge", 1]] as const;
  expect(csvOf(["index", "label", "error"], rows)).toBe(
    'index,label,error\r\n1,ankle boot,0.5\r\n2,"T-shirt, ""top""",-3e-7\r\n3,"two\nlines",\r\n4,,\r\n5," edge",1\r\n',
  );
});

it("keeps a label from being run as a formula", () => {
  expect(csvOf(["label"], [["=1+1"], ["@x"], ["-a"]])).toBe("label\r\n'=1+1\r\n'@x\r\n'-a\r\n");
});

it("has a head even without rows", () => {
  expect(csvOf(["a", "b"], [])).toBe("a,b\r\n");
});
