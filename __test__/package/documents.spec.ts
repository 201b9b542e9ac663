/** The documents lead to each other: every link goes somewhere, and every page can be reached from the README. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = readdirSync(join(root, "docs")).map((name) => `docs/${name}`);
const text = (page: string) => readFileSync(join(root, page), "utf8");

/** Targets of the links of a page inside of the repository, as path and anchor. */
function links(page: string): { path: string; anchor: string | undefined }[] {
  return [...text(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target as string)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor] = target.split("#") as [string, string | undefined];
      return { path: path === "" ? page : relative(root, join(root, dirname(page), path)), anchor };
    });
}

/** Anchors of the headings of a page, as GitHub makes them. */
const anchors = (page: string): string[] =>
  [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

for (const page of ["README.md", ...pages]) {
  test(`the links of ${page} go somewhere`, (t) => {
    for (const { path, anchor } of links(page)) {
      t.true(existsSync(join(root, path)), path);
      if (anchor !== undefined) t.true(anchors(path).includes(anchor), `${path}#${anchor}`);
    }
  });
}

test("every page can be reached from the README", (t) => {
  const reached = new Set(["README.md"]);
  for (const page of reached) for (const { path } of links(page)) if (path.endsWith(".md")) reached.add(path);
  t.deepEqual(
    pages.filter((page) => !reached.has(page)),
    [],
  );
});
