import { readFileSync } from 'node:fs';
import appManifest from '@microsoft/app-manifest';
import type { ValidateFunction } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import { describe, expect, it } from 'vitest';
import { readTyped } from '../../../bots/teams/activity.ts';
import type { PackageFacts } from '../../../bots/teams/package/manifest.ts';
import { manifestLanguages, teamsManifest } from '../../../bots/teams/package/manifest.ts';
import { INFO_PATHS } from '../../../src/http/plain-page.ts';

const FACTS: PackageFacts = {
  publicUrl: 'https://glir.example.org',
  appId: '5f2f4a8e-0c1e-4f7b-9d52-8a4b2b0f6c11',
  compose: 'browser',
  version: '1.2.3',
};
const SCHEMA = 'node_modules/@microsoft/app-manifest/build/json-schemas/teams/v1.30/MicrosoftTeams.schema.json';

const manifest = teamsManifest(FACTS);
const validate: ValidateFunction = new AjvDraft04.default({
  strict: false,
  allErrors: true,
  formats: { uri: true },
}).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
const fitsLanguage: ValidateFunction = new AjvDraft04.default({
  strict: false,
  allErrors: true,
  // Their patterns are not for the `u` flag.
  unicodeRegExp: false,
  formats: { uri: true },
}).compile(JSON.parse(readFileSync(SCHEMA.replace('Teams.schema', 'Teams.Localization.schema'), 'utf8')));

/** Every text of the manifest that is not typed and not GLIR's name, by its path. */
function textsOf({ name, description, bots, composeExtensions }: typeof manifest): [string, string][] {
  const commands = bots[0]?.commandLists.flatMap((list, at) =>
    list.commands.map((command, index): [string, string] => [
      `bots[0].commandLists[${at}].commands[${index}].description`,
      command.description,
    ]),
  );
  return [
    ['name.full', name.full],
    ['description.short', description.short],
    ['description.full', description.full],
    ['composeExtensions[0].commands[0].description', composeExtensions[0]?.commands[0]?.description ?? ''],
    ...(commands ?? []),
  ];
}

const wrong = (value: unknown) => (validate(value) ? [] : validate.errors);

describe('the manifest for Teams', () => {
  it.each(['browser', 'dialog'] as const)('fits Microsoft’s schema, with the composer in the %s', async (compose) => {
    const made = teamsManifest({ ...FACTS, compose });
    expect(wrong(made)).toEqual([]);
    const { AppManifestUtils, TeamsManifestConverter } = appManifest;
    const read = TeamsManifestConverter.jsonToManifest(JSON.stringify(made));
    expect(await AppManifestUtils.validateAgainstSchema(read)).toEqual([]);
    expect(JSON.parse(TeamsManifestConverter.manifestToJson(read))).toEqual(JSON.parse(JSON.stringify(made)));
  });

  it.each(Object.entries(manifestLanguages()))(
    'has %s, which fits Microsoft’s schema and says all of it',
    (file, texts) => {
      expect(manifest.localizationInfo.additionalLanguages).toContainEqual({ languageTag: file.slice(0, 2), file });
      expect(fitsLanguage(texts) ? [] : fitsLanguage.errors).toEqual([]);
      const said = new Map<string, string>(Object.entries(texts));
      for (const [path, english] of textsOf(manifest)) {
        expect(said.get(path), path).toBeTypeOf('string');
        expect(said.get(path), path).not.toBe(english);
      }
      // What Teams shows, see https://learn.microsoft.com/microsoft-365/extensibility/schema/
      expect(
        Math.max(...[...said].map(([path, text]) => (path.includes('commandLists') ? text.length : 0))),
      ).toBeLessThan(129);
    },
  );

  it('the schema refuses what Teams does not know', () => {
    expect(wrong({ ...manifest, everything: true })).not.toEqual([]);
    expect(wrong({ ...manifest, description: { ...manifest.description, short: 'x'.repeat(81) } })).not.toEqual([]);
  });

  it('is the bot’s app in GLIR’s own version, whatever its address', () => {
    const elsewhere = teamsManifest({ ...FACTS, publicUrl: 'https://notes.example.net' });
    expect([manifest.id, elsewhere.id]).toEqual([FACTS.appId, FACTS.appId]);
    expect(manifest.version).toBe('1.2.3');
    expect([...manifest.bots, ...manifest.composeExtensions].map(({ botId }) => botId)).toEqual([
      FACTS.appId,
      FACTS.appId,
    ]);
  });

  it('opens a dialog with /glir, and never takes a message’s text along', () => {
    const [command, ...others] = manifest.composeExtensions.flatMap(({ commands }) => commands);
    expect(others).toEqual([]);
    expect(command).toMatchObject({
      id: 'glir',
      title: 'glir',
      type: 'action',
      fetchTask: true,
      triggers: ['slash'],
      context: ['compose', 'commandBox'],
    });
  });

  const lists = manifest.bots.flatMap((bot) => bot.commandLists);

  it.each(lists.map((list) => ({ ...list, where: list.scopes.join(' and ') })))(
    'offers in $where only what GLIR understands there ($triggers)',
    ({ scopes, commands }) => {
      const personal = scopes.includes('personal');
      const kinds = commands.map(
        ({ title }) => readTyped(personal ? title : `<at>GLIR</at> ${title}`, personal ? 'personal' : 'group').kind,
      );
      expect(kinds).not.toContain('do-not-type');
      if (personal) expect(kinds).toEqual(['open', 'open', 'list', 'revoke', 'help', 'settings']);
    },
  );

  it('has only one /glir: the dialog, which sends no message', () => {
    const slash = lists.filter(({ triggers }) => triggers.includes('slash')).flatMap(({ commands }) => commands);
    expect(slash).not.toEqual([]);
    expect(slash.map(({ title }) => title)).not.toContain('glir');
  });

  it('asks for no permission at all', () => {
    const asking = [
      'permissions',
      'devicePermissions',
      'webApplicationInfo',
      'authorization',
      'graphConnector',
      'connectors',
      'staticTabs',
      'configurableTabs',
      'meetingExtensionDefinition',
      'activities',
    ];
    expect(Object.keys(manifest).filter((name) => asking.includes(name))).toEqual([]);
    expect(manifest.bots[0]?.supportsFiles).toBe(false);
  });

  it('lets Teams show pages of our host only, and only where the composer is a dialog', () => {
    expect(manifest).not.toHaveProperty('validDomains');
    const dialog = teamsManifest({ ...FACTS, publicUrl: 'https://glir.example.org:8443', compose: 'dialog' });
    expect(dialog.validDomains).toEqual(['glir.example.org:8443']);
  });

  it('names addresses of our own host only', () => {
    const addresses = JSON.stringify({ ...manifest, $schema: '' }).match(/https?:[^"]*/g) ?? [];
    expect(addresses.sort()).toEqual(Object.values(INFO_PATHS).map((path) => FACTS.publicUrl + path));
  });
});
