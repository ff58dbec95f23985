/**
 * The section of a version in a changelog that is kept as keepachangelog.com says, without its heading.
 *
 * @throws Error when there is none, or nothing stands in it.
 */
export function changelogSection(changelog: string, version: string): string {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (start < 0)
    throw new Error(
      `CHANGELOG.md has no section "## [${version}]": rename "Unreleased" and give it the date`,
    );
  const length = lines.slice(start + 1).findIndex((line) => /^## |^\[[^\]]+\]: /.test(line));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
  if (section.trim() === '') throw new Error(`the section of ${version} in CHANGELOG.md is empty`);
  return `${section.trim()}\n`;
}
