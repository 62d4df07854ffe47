import { strToU8, zipSync } from 'fflate';
import type { PackageFacts } from './facts.ts';
import { colorIcon, outlineIcon } from './icons.ts';
import { teamsManifest } from './manifest.ts';

/** The same for every package, and read as local time both by us and by who unpacks it: equal facts give equal bytes. */
const MODIFIED = '1980-01-01T12:00:00';

/** The app package: the zip file that an administrator uploads in Teams. */
export function teamsPackage(facts: PackageFacts): Uint8Array {
  const manifest = teamsManifest(facts);
  return zipSync(
    {
      'manifest.json': strToU8(`${JSON.stringify(manifest, null, 2)}\n`),
      [manifest.icons.color]: colorIcon(),
      [manifest.icons.outline]: outlineIcon(),
    },
    { level: 9, mtime: MODIFIED },
  );
}
